using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Tests;

/// <summary>A sample AppHost as a process of its own, so that it can be asked to end, or killed.</summary>
internal sealed class SampleProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly ConcurrentQueue<string> _lines = new();

    private SampleProcess(Process process, string folder) => (_process, _folder) = (process, folder);

    public IReadOnlyCollection<string> Lines => _lines;

    public int Id => _process.Id;

    /// <summary>Where the sample keeps its data.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Compiles the source and starts it with the arguments and variables.</summary>
    public static SampleProcess Start(string source, string[] arguments, params (string Name, string Value)[] variables) =>
        Start(source, arguments, isTerminal: false, variables);

    /// <summary>The same on a terminal of its own, made by the program "script".</summary>
    public static SampleProcess StartOnTerminal(string source) => Start(source, [], isTerminal: true, [("TERM", "xterm-256color")]);

    private static SampleProcess Start(string source, string[] arguments, bool isTerminal, (string Name, string Value)[] variables)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-sample-").FullName;
        var assembly = Path.Combine(folder, "SampleAppHost.dll");
        File.WriteAllBytes(assembly, SampleAppHost.CompileToBytes(source));
        var own = Path.Combine(AppContext.BaseDirectory, "MLOpsLearn.LocalHosting.Tests");
        string[] command =
        [
            "dotnet", "exec", "--runtimeconfig", own + ".runtimeconfig.json", "--depsfile", own + ".deps.json", assembly,
            $"--AppHost:DataFolder={Path.Combine(folder, "data")}", .. arguments,
        ];
        var start = new ProcessStartInfo(isTerminal ? "script" : command[0], isTerminal ? ["-qefc", string.Join(' ', command), "/dev/null"] : command[1..])
        {
            RedirectStandardInput = isTerminal,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        // The libraries lie beside the tests.
        foreach (var library in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(library)), library);
        }

        var sample = new SampleProcess(Process.Start(start)!, folder);
        sample._process.OutputDataReceived += (_, line) => sample.Keep(line.Data);
        sample._process.ErrorDataReceived += (_, line) => sample.Keep(line.Data);
        sample._process.BeginOutputReadLine();
        sample._process.BeginErrorReadLine();
        return sample;
    }

    /// <summary>Waits for a line that holds the text; gives the line.</summary>
    public async Task<string> LineAsync(string text, int times = 1)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = _lines.Where(line => line.Contains(text, StringComparison.Ordinal)).ToList();
            if (found.Count >= times)
            {
                return found[times - 1];
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, $"No line '{text}' ({times}) in:\n{string.Join('\n', _lines)}");
            await Task.Delay(30, TestContext.Current.CancellationToken);
        }
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public async Task<int> EndAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience.Wait);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits until no process has the text in its command line.</summary>
    public static async Task GoneAsync(string text)
    {
        var started = Stopwatch.GetTimestamp();
        while (CommandLines.With(text).ToList() is { Count: > 0 } left)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, $"Orphans: {string.Join("; ", left)}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
