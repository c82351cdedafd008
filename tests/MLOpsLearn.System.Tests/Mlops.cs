using System.Diagnostics;
using Aspire.Hosting.Engine;
using MLOpsLearn.Client;

namespace MLOpsLearn.SystemTests;

/// <summary>The built executable, started as a user starts it.</summary>
internal static class Mlops
{
    /// <summary>For the longest command, a demo, on a slow machine.</summary>
    public static readonly TimeSpan CommandPatience = TimeSpan.FromMinutes(6);

    /// <summary>Folder of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly PortAllocator Ports = new();

    private static string Executable { get; } = BuiltProgram("src/MLOpsLearn.Cli", "mlops");

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(Path.GetTempPath(), arguments);

    /// <summary>Runs a command to its end, with a folder of its own for what is temporary.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string temporary, string[] arguments)
    {
        using var process = Start(temporary, arguments);
        return await process.EndAsync(CommandPatience);
    }

    public static Process Start(params string[] arguments) => Start(Path.GetTempPath(), arguments);

    private static Process Start(string temporary, string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment[OperatingSystem.IsWindows() ? "TMP" : "TMPDIR"] = temporary;
        return Orphans.Watch(Process.Start(start) ?? throw new InvalidOperationException("mlops could not be started."));
    }

    public static (int Http, int Grpc) FreePorts() => (Ports.Next(), Ports.Next());

    /// <summary>The path of a program that the solution's build made.</summary>
    public static string BuiltProgram(string project, string name) =>
        Path.Combine(Root, project, "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? name + ".exe" : name);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MLOpsLearn.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("These tests must run from below the checkout.");
    }
}

/// <summary>A server process of its own, on free ports, with a folder that outlives it.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    private readonly Process _process;

    private ServerUnderTest(Process process, MLOpsLearnClient client) => (_process, Client) = (process, client);

    public MLOpsLearnClient Client { get; }

    public static async Task<ServerUnderTest> StartAsync(string stateFolder)
    {
        var (http, grpc) = Mlops.FreePorts();
        var process = Mlops.Start("server", "--port", $"{http}", "--grpc-port", $"{grpc}", "--state", stateFolder);
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        var server = new ServerUnderTest(process, new MLOpsLearnClient(new Uri($"http://127.0.0.1:{http}"), new Uri($"http://127.0.0.1:{grpc}"), "tests"));
        var started = Stopwatch.GetTimestamp();
        while (!await server.Client.IsReadyAsync(TestContext.Current.CancellationToken))
        {
            Assert.False(process.HasExited, "The server ended while starting.");
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, "The server was not ready in time.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return server;
    }

    /// <summary>Ends the process at once, in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Client.Dispose();
        _process.Dispose();
    }
}
