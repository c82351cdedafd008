using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using MLOpsLearn.Client;

namespace MLOpsLearn.SystemTests;

/// <summary>The AppHost as a user starts it, on free ports.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    public static readonly string[] Services = ["Tracking", "Registry", "Training", "Inference", "Monitoring"];
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(4);
    private readonly Process _process;
    private readonly ConcurrentQueue<(DateTimeOffset At, string Text)> _lines;

    private AppHostProcess(Process process, ConcurrentQueue<(DateTimeOffset At, string Text)> lines, MLOpsLearnClient client, int grpcPort) =>
        (_process, _lines, Client, Grpc) = (process, lines, client, new Uri($"http://127.0.0.1:{grpcPort}"));

    public int Id => _process.Id;

    public MLOpsLearnClient Client { get; }

    public Uri Http => Client.Server;

    public Uri Grpc { get; }

    /// <summary>Everything that it printed.</summary>
    public IEnumerable<string> Lines => _lines.Select(line => line.Text);

    /// <summary>Every process below it.</summary>
    public IReadOnlyList<(int Id, string Command)> Processes => ProcessTree.Below(Id);

    /// <summary>Starts it with nothing of an earlier run, and waits until all is healthy.</summary>
    public static Task<AppHostProcess> StartAsync(params string[] more) => StartOnAsync("--ephemeral", more);

    /// <summary>Starts it on a folder that outlives it.</summary>
    public static Task<AppHostProcess> StartInAsync(string dataFolder) => StartOnAsync($"--AppHost:DataFolder={dataFolder}", []);

    private static async Task<AppHostProcess> StartOnAsync(string data, string[] more)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: processes are looked up in /proc");
        var (http, grpc) = Mlops.FreePorts();
        string[] arguments = [data, $"--Gateway:HttpPort={http}", $"--Gateway:GrpcPort={grpc}", .. more];
        var process = Orphans.Watch(Process.Start(new ProcessStartInfo(Mlops.BuiltProgram("MLOpsLearn.AppHost", "MLOpsLearn.AppHost"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        var lines = new ConcurrentQueue<(DateTimeOffset, string)>();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var appHost = new AppHostProcess(process, lines, new MLOpsLearnClient(new Uri($"http://127.0.0.1:{http}"), new Uri($"http://127.0.0.1:{grpc}"), "tests"), grpc);
        try
        {
            await appHost.HealthyAsync();
            return appHost;
        }
        catch
        {
            await appHost.DisposeAsync();
            throw;
        }

        void Keep(string? line)
        {
            if (line is not null)
            {
                lines.Enqueue((TimeProvider.System.GetUtcNow(), line));
            }
        }
    }

    public async Task HealthyAsync()
    {
        using var http = new HttpClient { BaseAddress = Http, Timeout = TimeSpan.FromSeconds(5) };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                // It is not there yet.
            }

            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
                Assert.SkipWhen(Lines.Any(line => line.Contains("is not installed", StringComparison.Ordinal)), "skipped: install the servers with deploy/local/install.sh");
                Assert.Fail(Tail());
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < StartPatience, $"Not healthy in time. {Tail()}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ids of the processes of a service, "Inference" for example.</summary>
    public IReadOnlyList<int> IdsOf(string service) =>
        [.. Processes.Where(process => process.Command.Contains($"MLOpsLearn.{service}.Host.dll", StringComparison.Ordinal)).Select(process => process.Id)];

    /// <summary>kill -9.</summary>
    public static void Kill(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }

    public void Kill() => _process.Kill();

    /// <summary>The last lines, for a message.</summary>
    public string Tail() => string.Join('\n', Lines.TakeLast(40));

    /// <summary>What these resources said, with the time that it came here, for a message; without the frames of stacks.</summary>
    public string Said(params string[] resources) => string.Join('\n', _lines
        .Where(line => resources.Any(name => line.Text.StartsWith($"{name} ", StringComparison.Ordinal)) && !line.Text.Contains("     at ", StringComparison.Ordinal))
        .Select(line => $"{line.At:HH:mm:ss.fff} {line.Text}").TakeLast(400));

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        Client.Dispose();
        _process.Dispose();
    }
}
