using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Gateway.Host;
using MLOpsLearn.Gateway.Host.Replicas;
using MLOpsLearn.ServiceDefaults;

namespace MLOpsLearn.SystemTests;

/// <summary>The gateway as its program makes it, with a name server of the test's, and one client connection to it.</summary>
internal sealed class Front : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly Inference.InferenceClient _client;
    private readonly LogLines _log;

    private Front(WebApplication app, int port, LogLines log)
    {
        (_app, _log) = (app, log);
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        _client = new Inference.InferenceClient(_channel);
    }

    public int TriesInVain => _log.Lines.Count(line => line.Contains("goes to another replica", StringComparison.Ordinal));

    public static async Task<Front> StartAsync(HostLookup lookup, TimeProvider time, string inference, string policy)
    {
        var (http, grpc) = Mlops.FreePorts();
        List<string> settings = [$"--urls=http://127.0.0.1:{http}", $"--GRPC_PORT={grpc}", $"--Gateway:Replicas:LoadBalancing={policy}"];
        foreach (var service in Distributed.FiveServices.Names)
        {
            settings.AddRange([$"--services:{service}:http:0=http://127.0.0.1:1", $"--services:{service}:grpc:0={(service == "inference" ? inference : "http://127.0.0.1:1")}"]);
        }

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings], ContentRootPath = AppContext.BaseDirectory });
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(lookup);
        builder.AddServiceDefaults();
        builder.AddGatewayRoutes();
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGatewayRoutes();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Front(app, grpc, log);
    }

    public async Task PredictAsync(int bytes = 0) => await _client.PredictAsync(new PredictRequest { Endpoint = "any", Id = new string('x', bytes) }, cancellationToken: TestContext.Current.CancellationToken);

    public async Task ListAsync() => await _client.ListEndpointsAsync(new ListEndpointsRequest(), cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.DisposeAsync();
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}

/// <summary>The name server.</summary>
internal sealed class Names
{
    private volatile Func<IPAddress[]> _answer = () => [];
    private int _asked;

    public int Asked => _asked;

    public void Set(params string[] addresses) => _answer = () => [.. addresses.Select(IPAddress.Parse)];

    public void Fail(SocketError error) => _answer = () => throw new SocketException((int)error);

    public Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return Task.Run(_answer, cancellationToken);
    }
}

/// <summary>A gRPC server of inference at one address.</summary>
internal sealed class Replica : Inference.InferenceBase, IAsyncDisposable
{
    private WebApplication _app = null!;
    private int _predictions;
    private int _lists;

    public int Predictions => _predictions;

    public int Lists => _lists;

    public static async Task<Replica> StartAsync(string address, int port)
    {
        var replica = new Replica();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(replica);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(address), port, listen => listen.Protocols = HttpProtocols.Http2));
        replica._app = builder.Build();
        replica._app.MapGrpcService<Replica>();
        await replica._app.StartAsync(TestContext.Current.CancellationToken);
        return replica;
    }

    /// <summary>Without a word to those who are connected.</summary>
    public Task DieAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await DieAsync();
        await _app.DisposeAsync();
    }

    public override Task<PredictResponse> Predict(PredictRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _predictions);
        return Task.FromResult(new PredictResponse());
    }

    public override Task<ListEndpointsResponse> ListEndpoints(ListEndpointsRequest request, ServerCallContext context)
    {
        Interlocked.Increment(ref _lists);
        return Task.FromResult(new ListEndpointsResponse());
    }
}

/// <summary>An address that resets its first connections after some bytes, and joins the later ones to the address behind it.</summary>
internal sealed class BreakingDoor : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _opening;

    public BreakingDoor(int breaks, int bytes, IPEndPoint behind)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _opening = OpenAsync(breaks, bytes, behind);
    }

    public int Port { get; }

    public int Connections { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _opening;
        _stop.Dispose();
    }

    private async Task OpenAsync(int breaks, int bytes, IPEndPoint behind)
    {
        var joined = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (++Connections > breaks)
                {
                    joined.Add(JoinAsync(client, behind));
                    continue;
                }

                await client.GetStream().ReadAtLeastAsync(new byte[64 * 1024], bytes, throwOnEndOfStream: false, _stop.Token);
                client.LingerState = new LingerOption(enable: true, 0);
                client.Dispose();
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(joined);
        }
    }

    private async Task JoinAsync(TcpClient client, IPEndPoint behind)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(behind, _stop.Token);
                await Task.WhenAny(client.GetStream().CopyToAsync(server.GetStream(), _stop.Token), server.GetStream().CopyToAsync(client.GetStream(), _stop.Token));
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // One side went away, or the test is over.
            }
        }
    }
}
