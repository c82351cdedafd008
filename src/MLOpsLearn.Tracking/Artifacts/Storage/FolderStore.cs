using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>Objects as files of a folder. Written under a temporary name, hashed on the way, then renamed.</summary>
internal sealed class FolderStore : IObjectStore
{
    private const int BufferBytes = 128 * 1024;
    private readonly string _root;
    private readonly string _incoming;

    public FolderStore(string root)
    {
        _root = Path.GetFullPath(root);
        _incoming = Path.Combine(_root, "incoming");
        Directory.CreateDirectory(_incoming);
    }

    public async Task<IncomingObject> ReceiveAsync(Stream content, CancellationToken cancellationToken)
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

            return new IncomingFile(this, temporary, Convert.ToHexStringLower(hash.GetHashAndReset()), size);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(name));
        return Task.FromResult(file.Exists ? new StoredObject(name, file.Length, file.LastWriteTimeUtc) : null);
    }

    public Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(
                PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(PathOf(prefix.TrimEnd('/')));
        foreach (var file in folder.Exists ? folder.EnumerateFiles("*", SearchOption.AllDirectories) : [])
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.Exists)
            {
                yield return new StoredObject(Path.GetRelativePath(_root, file.FullName).Replace('\\', '/'), file.Length, file.LastWriteTimeUtc);
            }
        }

        await Task.CompletedTask;
    }

    public Task<StoredObject?> MoveAsync(string name, string to, CancellationToken cancellationToken)
    {
        var target = PathOf(to);
        try
        {
            Rename(PathOf(name), target);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<StoredObject?>(null);
        }

        // Looked at after the move: whoever wrote it anew before that made it young, and nobody can any more.
        var file = new FileInfo(target);
        return Task.FromResult<StoredObject?>(new StoredObject(name, file.Length, file.LastWriteTimeUtc));
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var path = PathOf(name);
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            File.Delete(path);
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException || (exception is IOException && !File.Exists(path)))
        {
            // Somebody else was faster, or has just put something into the folder.
        }

        return Task.CompletedTask;
    }

    public Task<DateTime> NowAsync(CancellationToken cancellationToken)
    {
        var probe = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(probe, []);
        var now = File.GetLastWriteTimeUtc(probe);
        File.Delete(probe);
        return Task.FromResult(now);
    }

    /// <summary>An upload that a living process still writes is locked, and stays.</summary>
    public Task<int> RemoveAbandonedAsync(CancellationToken cancellationToken)
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

        return Task.FromResult(removed);
    }

    // A folder that became empty is deleted, maybe at this moment.
    private static void Rename(string from, string to)
    {
        for (var attempt = 1; ; attempt++)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            try
            {
                File.Move(from, to, overwrite: true);
                return;
            }
            catch (DirectoryNotFoundException) when (attempt < 5 && File.Exists(from))
            {
                // Once more.
            }
        }
    }

    private string PathOf(string name) => Path.Combine(_root, Path.Combine(name.Split('/')));

    /// <summary>A file that waits in the folder for what comes.</summary>
    private sealed class IncomingFile(FolderStore store, string temporary, string sha256, long sizeBytes) : IncomingObject
    {
        public override string Sha256 => sha256;

        public override long SizeBytes => sizeBytes;

        public override Task PlaceAsync(string name, CancellationToken cancellationToken)
        {
            var final = store.PathOf(name);
            if (new FileInfo(final) is not { Exists: true } there || there.Length != sizeBytes)
            {
                Rename(temporary, final);
            }

            return Task.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            File.Delete(temporary);
            return ValueTask.CompletedTask;
        }
    }
}
