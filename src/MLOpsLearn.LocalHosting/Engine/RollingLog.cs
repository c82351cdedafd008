namespace Aspire.Hosting.Engine;

/// <summary>
/// The lines of one resource in a file. What an earlier start wrote, and what has reached the most bytes, moves to <c>.1</c> beside it, so that
/// a resource never keeps more than two files. Not thread-safe.
/// </summary>
internal sealed class RollingLog : IDisposable
{
    /// <summary>Size of a file, in bytes, at which the next line starts a new one.</summary>
    public const long MostBytes = 16 * 1024 * 1024;

    private readonly string _path;
    private readonly long _mostBytes;
    private StreamWriter _writer;

    public RollingLog(string path, long mostBytes = MostBytes)
    {
        (_path, _mostBytes) = (path, mostBytes);
        _writer = OpenNew();
    }

    public void WriteLine(string line)
    {
        if (_writer.BaseStream.Position >= _mostBytes)
        {
            _writer.Dispose();
            _writer = OpenNew();
        }

        _writer.WriteLine(line);
    }

    public void Dispose() => _writer.Dispose();

    private StreamWriter OpenNew()
    {
        if (new FileInfo(_path) is { Exists: true, Length: > 0 })
        {
            File.Move(_path, _path + ".1", overwrite: true);
        }

        // Readers may have it open, and may delete it.
        return new StreamWriter(new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };
    }
}
