using System.Globalization;
using Google.Protobuf;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Client.Spooling;

/// <summary>
/// One run's folder in the spool: its start, and one file for each entry in the order in which they were logged. A file is there whole or not at
/// all: it is written under another name and flushed first. One process has the folder at a time.
/// </summary>
internal sealed class RunSpool : IDisposable
{
    private const string StartFile = "start";
    private const string LockFile = "lock";
    private readonly string _folder;
    private readonly SortedDictionary<long, (string File, long Size)> _entries = [];
    private FileStream? _lock;
    private long _last;

    private RunSpool(string folder, FileStream? held) => (_folder, _lock) = (folder, held);

    /// <summary>Bytes of all entries.</summary>
    public long Size { get; private set; }

    public bool IsEmpty => _entries.Count == 0;

    public bool Exists => _lock is not null;

    /// <summary>The spool of a run that this process starts; no folder is made before there is something to keep.</summary>
    public static RunSpool For(string folder) => new(folder, null);

    /// <summary>Takes up a folder that another process left; null when somebody has it in use, or it is none.</summary>
    public static RunSpool? TryOpen(string folder)
    {
        if (!File.Exists(Path.Combine(folder, StartFile)) || TryLock(folder) is not { } held)
        {
            return null;
        }

        var spool = new RunSpool(folder, held);
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            if (file.Extension is ".log" or ".artifact" or ".end" && long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                var content = new FileInfo(Path.ChangeExtension(file.FullName, ".content"));
                spool.Add(number, file.FullName, file.Length + (file.Extension == ".artifact" && content.Exists ? content.Length : 0));
            }
        }

        return spool;
    }

    /// <exception cref="InvalidProtocolBufferException">The file is damaged.</exception>
    public RunStart ReadStart() => RunStart.Parse(File.ReadAllBytes(Path.Combine(_folder, StartFile)));

    /// <summary>Keeps what is known of the run's start; makes the folder.</summary>
    public void WriteStart(RunStart start)
    {
        if (_lock is null)
        {
            Directory.CreateDirectory(_folder);
            _lock = TryLock(_folder) ?? throw new IOException($"'{_folder}' is in use by another process.");
        }

        Write(Path.Combine(_folder, StartFile), start.ToBytes());
    }

    public void Append(SpoolEntry entry)
    {
        var size = entry.Size;
        var file = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{_last + 1:D12}.{entry.Kind}"));
        if (entry is FileEntry artifact)
        {
            // First the content: an entry without it can't be.
            var content = Path.ChangeExtension(file, ".content");
            File.Copy(artifact.Content, content + ".part", overwrite: true);
            File.Move(content + ".part", content, overwrite: true);
        }

        Write(file, entry.Message.ToByteArray());
        Add(_last + 1, file, size);
    }

    /// <summary>The oldest entry.</summary>
    /// <exception cref="InvalidProtocolBufferException">Its file is damaged.</exception>
    public SpoolEntry Peek()
    {
        var file = _entries.First().Value.File;
        var bytes = File.ReadAllBytes(file);
        return Path.GetExtension(file) switch
        {
            ".log" => new LogEntry(LogBatchRequest.Parser.ParseFrom(bytes)),
            ".end" => new EndEntry(FinishRunRequest.Parser.ParseFrom(bytes)),
            _ => new FileEntry(Artifact.Parser.ParseFrom(bytes).Path, Path.ChangeExtension(file, ".content")),
        };
    }

    /// <summary>The oldest entry is the server's now.</summary>
    public void Remove() => Take(file =>
    {
        File.Delete(file);
        File.Delete(Path.ChangeExtension(file, ".content"));
    });

    /// <summary>The oldest entry will never be taken: it stays for a person to see.</summary>
    public void SetAside() => Take(file => File.Move(file, file + ".refused", overwrite: true));

    /// <summary>Deletes the folder when nothing is left in it, refused entries included.</summary>
    public void Dispose()
    {
        if (_lock is null)
        {
            return;
        }

        if (IsEmpty && !Directory.EnumerateFiles(_folder, "*.refused").Any())
        {
            // The lock last, or another process could take a folder that is about to go.
            File.Delete(Path.Combine(_folder, StartFile));
        }

        _lock.Dispose();
        _lock = null;
        if (IsEmpty && !Directory.EnumerateFiles(_folder, "*.refused").Any())
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void Add(long number, string file, long size)
    {
        _entries.Add(number, (file, size));
        _last = Math.Max(_last, number);
        Size += size;
    }

    private void Take(Action<string> remove)
    {
        var (number, (file, size)) = _entries.First();
        remove(file);
        _entries.Remove(number);
        Size -= size;
    }

    private static FileStream? TryLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Write(string file, byte[] bytes)
    {
        using (var stream = new FileStream(file + ".part", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(file + ".part", file, overwrite: true);
    }
}
