using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Content that lies in the store.</summary>
internal sealed record StoredContent(string Sha256, long SizeBytes);

/// <summary>
/// Keeps content by its SHA-256 in a folder, so equal content is kept once. Written under a temporary name, hashed on the way, then renamed:
/// what has a digest for a name is whole.
/// </summary>
internal sealed class ArtifactStore
{
    private const int BufferBytes = 128 * 1024;
    private readonly string _blobs;
    private readonly string _incoming;

    public ArtifactStore(IOptions<ArtifactOptions> options)
    {
        var root = Path.GetFullPath(options.Value.Root);
        _blobs = Path.Combine(root, "blobs");
        _incoming = Path.Combine(root, "incoming");
        // What an earlier process had begun to write is of no use to anybody.
        if (Directory.Exists(_incoming))
        {
            Directory.Delete(_incoming, recursive: true);
        }

        Directory.CreateDirectory(_incoming);
    }

    /// <summary>Takes a stream in with constant memory. Whatever stops it, a cancelled request included, leaves nothing.</summary>
    /// <exception cref="DigestMismatchException">The content is not what <paramref name="expectedSha256"/> says.</exception>
    public async Task<StoredContent> WriteAsync(Stream content, string? expectedSha256, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(_incoming, Guid.CreateVersion7().ToString("N"));
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous))
            {
                var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                try
                {
                    int read;
                    while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
                    {
                        hash.AppendData(buffer, 0, read);
                        await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                        size += read;
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }

            var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (expectedSha256 is not null && !string.Equals(expectedSha256, sha256, StringComparison.OrdinalIgnoreCase))
            {
                throw new DigestMismatchException(expectedSha256, sha256);
            }

            var final = PathOf(sha256);
            Directory.CreateDirectory(Path.GetDirectoryName(final)!);
            File.Move(temporary, final, overwrite: true);
            return new StoredContent(sha256, size);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The file of a digest.</summary>
    public string PathOf(string sha256) => Path.Combine(_blobs, sha256[..2], sha256);
}

/// <summary>What came is not what was announced.</summary>
internal sealed class DigestMismatchException(string expected, string actual)
    : Exception($"The content has SHA-256 {actual}, but {expected} was announced.");
