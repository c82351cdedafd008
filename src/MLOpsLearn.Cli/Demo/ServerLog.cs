using System.Diagnostics;

namespace MLOpsLearn.Cli.Demo;

/// <summary>
/// What a server process says. It goes to a file only once the server is ready: before that its state folder may turn out to be somebody else's.
/// </summary>
internal sealed class ServerLog : IDisposable
{
    private const int MostEarlyLines = 1000;

    private readonly Lock _lock = new();
    private readonly List<string> _early = [];
    private readonly Task _reading;
    private StreamWriter? _file;
    private string? _last;
    private string? _complaint;

    public ServerLog(Process process) => _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));

    public void WriteTo(string path)
    {
        lock (_lock)
        {
            _file = new StreamWriter(path, append: true) { AutoFlush = true };
            _early.ForEach(_file.WriteLine);
            _early.Clear();
        }
    }

    /// <summary>Waits until the ended process' last line is read.</summary>
    /// <returns>What it complained of, and the last line of all.</returns>
    public async Task<(string? Complaint, string? Last)> ReadToEndAsync()
    {
        await _reading;
        lock (_lock)
        {
            return (_complaint, _last);
        }
    }

    public void Dispose() => _file?.Dispose();

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lock)
            {
                Add(line);
            }
        }
    }

    private void Add(string line)
    {
        if (_file is not null)
        {
            _file.WriteLine(line);
        }
        else if (_early.Count < MostEarlyLines)
        {
            _early.Add(line);
        }

        _complaint = line.StartsWith(CommandException.Prefix, StringComparison.Ordinal) ? line[CommandException.Prefix.Length..] : _complaint;
        _last = line.Trim().Length > 0 ? line.Trim() : _last;
    }
}
