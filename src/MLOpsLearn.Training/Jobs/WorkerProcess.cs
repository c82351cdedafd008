using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Training.Jobs;

/// <summary>
/// The child process of one attempt. It gets its own folder, an environment of only what it needs, and a pipe as standard input that closes when
/// this process ends in whatever way: the worker takes that as its sign to end, too.
/// </summary>
internal sealed partial class WorkerProcess : IRunningWorker
{
    private const int SignalBase = 128;
    private static readonly string[] PassedOn =
        ["PATH", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "SSL_CERT_FILE", "SSL_CERT_DIR"];

    private readonly Process _process;
    private readonly WorkFolders _folders;
    private readonly string _folder;
    private readonly Task _output;
    private readonly Task<string> _errors;

    private WorkerProcess(Process process, WorkFolders folders, string folder, ILogger logger)
    {
        (_process, _folders, _folder) = (process, folders, folder);
        ProcessId = process.Id;
        _output = ReadAsync(process.StandardOutput, process.Id, logger);
        _errors = ReadAsync(process.StandardError, process.Id, logger);
        Exited = process.WaitForExitAsync();
    }

    public int ProcessId { get; }

    public Task Exited { get; }

    /// <summary>Most memory it has had so far, in bytes; 0 when it is gone.</summary>
    public long PeakMemoryBytes
    {
        get
        {
            try
            {
                _process.Refresh();
                return _process.HasExited ? 0 : _process.PeakWorkingSet64;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }
    }

    /// <param name="program">The worker's program: a managed library, or an executable.</param>
    /// <param name="folders">Owner of <paramref name="folder"/>.</param>
    /// <param name="folder">The attempt's own folder; deleted with this object.</param>
    /// <param name="memoryLimitBytes">Most managed memory.</param>
    /// <param name="settings">What it is told by its environment.</param>
    /// <param name="logger">Gets what it writes.</param>
    /// <param name="arguments">Its arguments.</param>
    public static WorkerProcess Start(
        string program,
        WorkFolders folders,
        string folder,
        long memoryLimitBytes,
        IReadOnlyDictionary<string, string> settings,
        ILogger logger,
        params string[] arguments)
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        SetProgram(start, program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var name in PassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                start.Environment[name] = value;
            }
        }

        foreach (var name in new[] { "HOME", "TMPDIR", "TEMP", "TMP" })
        {
            start.Environment[name] = folder;
        }

        start.Environment[WorkerSettings.EndsWithParent] = "true";
        start.Environment["DOTNET_GCHeapHardLimit"] = memoryLimitBytes.ToString("X", CultureInfo.InvariantCulture);
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new WorkerProcess(Process.Start(start) ?? throw new InvalidOperationException("The system started no worker process."), folders, folder, logger);
    }

    /// <summary>Ends the process and all that it started.</summary>
    public async Task StopAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        await Exited;
    }

    public async Task<WorkerEnd> DescribeEndAsync()
    {
        await _output;
        var lastWords = await _errors;
        var how = !OperatingSystem.IsWindows() && _process.ExitCode > SignalBase
            ? $"worker process {ProcessId} ended with signal {_process.ExitCode - SignalBase}"
            : $"worker process {ProcessId} ended with code {_process.ExitCode} before its work was done";
        return new WorkerEnd(lastWords.Length > 0 ? $"{how}: {lastWords}" : how, WorkerEndKind.Own);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
        _folders.Delete(_folder);
    }

    /// <summary>Writes a line to its standard input; false when it is gone.</summary>
    public bool TryTell(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
            return true;
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void SetProgram(ProcessStartInfo start, string program)
    {
        var extension = Path.GetExtension(program);
        if (!extension.Equals(".dll", StringComparison.OrdinalIgnoreCase))
        {
            start.FileName = program;
            return;
        }

        // The host that runs this process knows where .NET is, also when neither PATH nor DOTNET_ROOT say so.
        var host = Path.GetFullPath(Path.Combine(
            RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        if (File.Exists(host))
        {
            start.FileName = host;
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(program);
            return;
        }

        start.FileName = Path.ChangeExtension(program, OperatingSystem.IsWindows() ? ".exe" : null);
    }

    private static async Task<string> ReadAsync(StreamReader reader, int processId, ILogger logger)
    {
        const int mostCharacters = 500;
        var last = "";
        while (await reader.ReadLineAsync() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                line = line.Length <= mostCharacters ? line : line[..mostCharacters];
                Log.WorkerSaid(logger, processId, line);
                // Below this line there is only a stack trace.
                last = last.StartsWith("Unhandled exception", StringComparison.Ordinal) ? last : line;
            }
        }

        return last;
    }

    private static partial class Log
    {
        [LoggerMessage(4101, LogLevel.Information, "Worker {ProcessId}: {Line}")]
        public static partial void WorkerSaid(ILogger logger, int processId, string line);
    }
}
