using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MLOpsLearn.Client.Tests;

/// <summary>A server in a process of its own, that may be killed and started again at the same address with the same state.</summary>
public sealed class ServerProcess : Xunit.IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-client-").FullName;
    private readonly (int Http, int Grpc) _ports = (FreePort(), FreePort());
    private Process? _process;

    public static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    /// <summary>A folder that goes with the server.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>Options whose spool is the test's own.</summary>
    public RunOptions Options(string test) => new() { Experiment = test, SpoolFolder = Path.Combine(_folder, "spool", test), RetryInterval = TimeSpan.FromMilliseconds(200) };

    public MLOpsLearnClient Connect() => new(new Uri($"http://127.0.0.1:{_ports.Http}"), new Uri($"http://127.0.0.1:{_ports.Grpc}"), "tests");

    public Uri Grpc => new($"http://127.0.0.1:{_ports.Grpc}");

    /// <summary>Address of HTTP.</summary>
    public Uri Address => new($"http://127.0.0.1:{_ports.Http}");

    public async ValueTask InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(Repository.File("src", "MLOpsLearn.Cli", "bin", "Release", "net10.0", "mlops"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[] { "server", "--port", Text(_ports.Http), "--grpc-port", Text(_ports.Grpc), "--state", Folder("state") })
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        using var client = Connect();
        var began = Stopwatch.GetTimestamp();
        while (!await client.IsReadyAsync(CancellationToken.None))
        {
            Xunit.Assert.False(_process.HasExited, _process.HasExited ? await errors : "");
            Xunit.Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "The server was not ready in time.");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>The server that tests share which don't kill it.</summary>
[Xunit.CollectionDefinition(Name)]
public sealed class SharedServer : Xunit.ICollectionFixture<ServerProcess>
{
    public const string Name = "server";
}
