using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MLOpsLearn.Client;

namespace MLOpsLearn.Cli.Demo;

/// <summary>The standalone server as a child process on free ports. It ends with this process, however that ends.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);
    private readonly Process _process;
    private readonly Task _copying;
    private readonly string _logFile;

    private ServerProcess(Process process, Task copying, string logFile, string address, string grpc) =>
        (_process, _copying, _logFile, Address, Grpc) = (process, copying, logFile, address, grpc);

    public string Address { get; }

    public string Grpc { get; }

    /// <exception cref="CommandException">The server did not come up; the message has its last line.</exception>
    public static async Task<ServerProcess> StartAsync(string stateFolder, CancellationToken cancellationToken)
    {
        var (port, grpcPort) = FreePorts();
        var start = new ProcessStartInfo { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        var executable = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        start.FileName = executable;
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "mlops.dll"));
        }

        foreach (var argument in new[] { "server", "--port", Text(port), "--grpc-port", Text(grpcPort), "--state", stateFolder, "--parent-pid", Text(Environment.ProcessId) })
        {
            start.ArgumentList.Add(argument);
        }

        Directory.CreateDirectory(stateFolder);
        var process = Process.Start(start) ?? throw new CommandException("The server could not be started.", ExitCodes.Failed);
        var logFile = Path.Combine(stateFolder, "server.log");
        var server = new ServerProcess(process, CopyAsync(process, logFile), logFile, $"http://127.0.0.1:{port}", $"http://127.0.0.1:{grpcPort}");
        try
        {
            await server.WaitUntilReadyAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Stop(_process);
            using var patience = new CancellationTokenSource(StopPatience);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        await _copying;
        _process.Dispose();
    }

    /// <summary>Waits for the server to end by itself, or for <paramref name="cancellationToken"/>.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new MLOpsLearnClient(new Uri(Address), new Uri(Grpc), "demo");
        var started = Stopwatch.GetTimestamp();
        while (!await client.IsReadyAsync(cancellationToken))
        {
            if (_process.HasExited)
            {
                await _copying;
                var lines = await File.ReadAllLinesAsync(_logFile, cancellationToken);
                var reason = lines.LastOrDefault(line => line.StartsWith("mlops: ", StringComparison.Ordinal)) is { } line ? line[7..] : $"The server ended while starting; its log is {_logFile}.";
                throw new CommandException(reason, _process.ExitCode == ExitCodes.BadInput ? ExitCodes.BadInput : ExitCodes.Failed);
            }

            if (Stopwatch.GetElapsedTime(started) > StartPatience)
            {
                throw new CommandException($"The server was not ready within {StartPatience.TotalSeconds:0} s; its log is {_logFile}.", ExitCodes.Failed);
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private static async Task CopyAsync(Process process, string path)
    {
        await using var file = new StreamWriter(path, append: true) { AutoFlush = true };
        using var gate = new SemaphoreSlim(1);
        await Task.WhenAll(new[] { process.StandardOutput, process.StandardError }.Select(async reader =>
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                await gate.WaitAsync();
                await file.WriteLineAsync(line);
                gate.Release();
            }
        }));
    }

    private static void Stop(Process process)
    {
        if (OperatingSystem.IsWindows())
        {
            process.Kill(entireProcessTree: true);
            return;
        }

        _ = Kill(process.Id, 15);
    }

    private static (int Http, int Grpc) FreePorts()
    {
        // Both are held until both are known, so that they differ.
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int pid, int signal);
}
