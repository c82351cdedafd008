using System.Diagnostics;

namespace Aspire.Hosting.Engine;

/// <summary>A started process: its lines go to the log, its id to the guard.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly string[] NotInherited = ["ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT", "ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE"];
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private readonly Process _process;
    private readonly TaskCompletionSource _exited;
    private readonly int _stopSignal;

    private ChildProcess(Process process, TaskCompletionSource exited, int stopSignal) => (_process, _exited, _stopSignal) = (process, exited, stopSignal);

    public int Id => _process.Id;

    /// <param name="spec">What is started.</param>
    /// <param name="guard">Is told of it.</param>
    /// <param name="log">Takes its lines.</param>
    /// <param name="withheld">Beginnings of names of variables that it must not inherit.</param>
    public static ChildProcess Start(ProcessSpec spec, OrphanGuard guard, Action<string> log, IReadOnlyList<string> withheld)
    {
        var start = new ProcessStartInfo
        {
            WorkingDirectory = spec.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        // In a session of its own a child does not get the terminal's Ctrl+C: the engine stops everything, in order.
        if (SetSid is { } setSid)
        {
            start.FileName = setSid;
            start.ArgumentList.Add(spec.FileName);
        }
        else
        {
            start.FileName = spec.FileName;
        }

        foreach (var argument in spec.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in NotInherited.Concat(start.Environment.Keys.Where(name => withheld.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal))).ToList()))
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in spec.Environment)
        {
            start.Environment[name] = value;
        }

        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.Exited += (_, _) => exited.TrySetResult();
        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.Start();
        guard.Watch(process.Id);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, exited, spec.StopSignal);

        void Write(string? line)
        {
            if (line is not null)
            {
                log(line);
            }
        }
    }

    /// <summary>Waits for its end, and for its last words; what it started and left behind ends with it.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _exited.Task.WaitAsync(cancellationToken);
        EndSession();
        using var patience = new CancellationTokenSource(LastWords);
        try
        {
            // Returns when its output is closed as well, which somebody else may hold open.
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
        }

        return _process.ExitCode;
    }

    /// <summary>Asks it to end, and kills it with its children when it doesn't within <paramref name="patience"/>.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (!_exited.Task.IsCompleted)
        {
            Signals.RequestStop(_process, _stopSignal);
            try
            {
                await _exited.Task.WaitAsync(patience);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        await WaitAsync(CancellationToken.None);
    }

    public void Dispose() => _process.Dispose();

    /// <summary>Ends what the process left behind: it would hold ports and files.</summary>
    private void EndSession()
    {
        if (SetSid is not null)
        {
            Signals.KillGroup(_process.Id);
        }
    }

    private static string? SetSid { get; } = OperatingSystem.IsLinux() ? Programs.Find("setsid") : null;
}
