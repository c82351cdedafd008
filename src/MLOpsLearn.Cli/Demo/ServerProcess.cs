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
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);
    private readonly Process _process;
    private readonly ServerLog _log;

    private ServerProcess(Process process, string stateFolder, int port, int grpcPort)
    {
        (_process, _log, StateFolder) = (process, new ServerLog(process), Path.GetFullPath(stateFolder));
        (Address, Grpc) = ($"http://127.0.0.1:{port}", $"http://127.0.0.1:{grpcPort}");
    }

    public string Address { get; }

    public string Grpc { get; }

    public string StateFolder { get; }

    /// <summary>Whether the server is gone although nobody stopped it.</summary>
    public bool HasEnded => _process.HasExited;

    /// <exception cref="CommandException">The server did not come up; the message says why.</exception>
    public static async Task<ServerProcess> StartAsync(string stateFolder, CancellationToken cancellationToken)
    {
        var (port, grpcPort) = FreePorts();
        var process = Process.Start(StartInfo(stateFolder, port, grpcPort)) ?? throw new CommandException("The server could not be started.", ExitCodes.Failed);
        var server = new ServerProcess(process, stateFolder, port, grpcPort);
        try
        {
            await server.WaitUntilReadyAsync(cancellationToken);
            server._log.WriteTo(Path.Combine(server.StateFolder, "logs", "server.log"));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Why the server ended, for people.</summary>
    public async Task<string> ReadReasonAsync()
    {
        var (complaint, last) = await _log.ReadToEndAsync();
        return complaint ?? string.Create(CultureInfo.InvariantCulture, $"The demo's server ended by itself (exit code {_process.ExitCode}). Its last line: {last ?? "none"}");
    }

    /// <summary>Waits for the server to end by itself, or for <paramref name="cancellationToken"/>.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            AskToStop();
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

        _log.Dispose();
        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string stateFolder, int port, int grpcPort)
    {
        // The standard input is a pipe that nobody writes to: the server must not read its user's keys.
        var start = new ProcessStartInfo { RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        start.FileName = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "mlops.dll"));
        }

        foreach (var argument in new[] { "server", "--port", Text(port), "--grpc-port", Text(grpcPort), "--state", stateFolder, "--parent-pid", Text(Environment.ProcessId) })
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var client = new MLOpsLearnClient(new Uri(Address), new Uri(Grpc), "demo");
        await Waiting.UntilAsync(
            StartPatience,
            new CommandException($"The server was not ready within {StartPatience.TotalMinutes:0} minutes.", ExitCodes.Failed),
            async token => await client.IsReadyAsync(token)
                || (_process.HasExited ? throw new CommandException(await ReadReasonAsync(), _process.ExitCode == ExitCodes.BadInput ? ExitCodes.BadInput : ExitCodes.Failed) : false),
            cancellationToken);
    }

    private void AskToStop()
    {
        if (OperatingSystem.IsWindows())
        {
            _process.Kill(entireProcessTree: true);
            return;
        }

        const int terminate = 15;
        _ = Kill(_process.Id, terminate);
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
