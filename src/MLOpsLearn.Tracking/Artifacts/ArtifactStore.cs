using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace MLOpsLearn.Tracking.Artifacts;

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
        Directory.CreateDirectory(_incoming);
    }

    /// <summary>Takes a stream in with constant memory. Whatever stops it, a cancelled request included, leaves nothing.</summary>
    /// <returns>What came; the caller keeps it or, by disposing of it, lets it go.</returns>
    /// <exception cref="IOException">The folder can't take it.</exception>
    public async Task<IncomingContent> ReceiveAsync(Stream content, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(_incoming, Guid.CreateVersion7().ToString("N"));
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
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

                // The database's row must not outlive a power cut that the bytes don't.
                file.Flush(flushToDisk: true);
            }

            var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            return new IncomingContent(temporary, PathOf(sha256), sha256, size);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Every content there is.</summary>
    public IEnumerable<FileInfo> Contents() =>
        Directory.Exists(_blobs) ? new DirectoryInfo(_blobs).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name.Length == 64) : [];

    /// <summary>Puts contents back that a clean-up had taken away under this ending when it was killed.</summary>
    public void GiveBack(string ending)
    {
        foreach (var file in Directory.Exists(_blobs) ? Directory.GetFiles(_blobs, "*" + ending, SearchOption.AllDirectories) : [])
        {
            File.Move(file, file[..^ending.Length], overwrite: true);
        }
    }

    /// <summary>What the file system says the time is; its clock may be another machine's.</summary>
    public DateTime Now()
    {
        var probe = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(probe, []);
        var now = File.GetLastWriteTimeUtc(probe);
        File.Delete(probe);
        return now;
    }

    /// <summary>The file of a digest.</summary>
    public string PathOf(string sha256) => Path.Combine(_blobs, sha256[..2], sha256);

    /// <summary>The content of a digest, to be read.</summary>
    /// <exception cref="IOException">The store does not have it.</exception>
    public Stream Open(string sha256) =>
        new FileStream(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, BufferBytes, FileOptions.Asynchronous | FileOptions.SequentialScan);

    /// <summary>Removes uploads that a process left when it died. One that a living process still writes is locked, and stays.</summary>
    public int RemoveAbandoned()
    {
        var removed = 0;
        foreach (var file in Directory.EnumerateFiles(_incoming))
        {
            try
            {
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                }

                File.Delete(file);
                removed++;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // In use, or gone by now.
            }
        }

        return removed;
    }
}
