using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Training.Tests;

/// <summary>The module with its real database and its real worker, among fakes of the services that it calls.</summary>
internal sealed class TrainingHost : IAsyncDisposable
{
    /// <summary>A folder outlives its host, as another may be started on it; all of them go with the test run.</summary>
    private static readonly string Folders = Directory.CreateTempSubdirectory("training-tests-").FullName;

    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    static TrainingHost() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        try
        {
            Directory.Delete(Folders, recursive: true);
        }
        catch (IOException)
        {
            // A child that was killed may still hold one.
        }
    };

    private TrainingHost(WebApplication app, GrpcChannel channel, string folder, Neighbours neighbours, (int Http, int Grpc) ports)
    {
        (_app, _channel, Folder, Neighbours, Ports) = (app, channel, folder, neighbours, ports);
        Client = new Contracts.Training.V1.Training.TrainingClient(channel);
        Worker = new TrainingWorker.TrainingWorkerClient(channel);
    }

    public Contracts.Training.V1.Training.TrainingClient Client { get; }

    public TrainingWorker.TrainingWorkerClient Worker { get; }

    public string Folder { get; }

    public Neighbours Neighbours { get; }

    public (int Http, int Grpc) Ports { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="neighbours">The other services; new ones when null.</param>
    /// <param name="folder">State of an earlier host; a new folder when null.</param>
    /// <param name="settings">Settings on top of the usual ones.</param>
    public static Task<TrainingHost> StartAsync(Neighbours? neighbours = null, string? folder = null, params (string Key, string Value)[] settings) =>
        StartAsync(neighbours, folder, _ => { }, null, settings);

    /// <param name="neighbours">The other services; new ones when null.</param>
    /// <param name="folder">State of an earlier host; a new folder when null.</param>
    /// <param name="configure">Services that stand in for those of the module.</param>
    /// <param name="ports">Where to listen; free ports when null.</param>
    /// <param name="settings">Settings on top of the usual ones.</param>
    public static async Task<TrainingHost> StartAsync(
        Neighbours? neighbours, string? folder, Action<IServiceCollection> configure, (int Http, int Grpc)? ports, params (string Key, string Value)[] settings)
    {
        neighbours ??= new Neighbours();
        folder ??= Directory.CreateDirectory(Path.Combine(Folders, Guid.NewGuid().ToString("N")[..8])).FullName;
        var (http, grpc) = ports ?? (FreePort(), FreePort());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:training"] = $"Data Source={Path.Combine(folder, "training.db")};Pooling=false";
        builder.Configuration["Training:WorkRoot"] = Path.Combine(folder, "work");
        builder.Configuration["Training:DataRoots:0"] = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        foreach (var service in new[] { "tracking", "registry", "training", "monitoring" })
        {
            builder.Configuration[$"services:{service}:http:0"] = $"http://127.0.0.1:{http}";
            builder.Configuration[$"services:{service}:grpc:0"] = $"http://127.0.0.1:{grpc}";
        }

        foreach (var (key, value) in settings)
        {
            builder.Configuration[key] = value;
        }

        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, http, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, grpc, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(neighbours.Tracking).AddSingleton(neighbours.Registry).AddSingleton(neighbours.Monitoring);
        configure(builder.Services);
        builder.AddTrainingModule();
        builder.AddEventBus(allowInMemory: true);
        var app = builder.Build();
        app.MapTrainingModule();
        neighbours.Map(app);
        await app.StartAsync();
        return new TrainingHost(app, GrpcChannel.ForAddress($"http://127.0.0.1:{grpc}"), folder, neighbours, (http, grpc));
    }

    public async Task<Job> StartJobAsync(string yaml, JobInput input, string pipeline = "trips")
    {
        await Client.PutPipelineAsync(new PutPipelineRequest { Name = pipeline, Yaml = yaml });
        return await Client.StartJobAsync(new StartJobRequest { RequestId = Guid.CreateVersion7().ToString(), Pipeline = pipeline, Input = input });
    }

    /// <summary>Follows a job until it is as wanted.</summary>
    public async Task<Job> UntilAsync(string jobId, Func<Job, bool> isWanted)
    {
        using var limit = new CancellationTokenSource(Patience.Wait);
        using var watching = Client.WatchJob(new WatchJobRequest { JobId = jobId }, cancellationToken: limit.Token);
        Job? last = null;
        try
        {
            while (await watching.ResponseStream.MoveNext(limit.Token))
            {
                last = watching.ResponseStream.Current;
                if (isWanted(last))
                {
                    return last;
                }
            }
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Cancelled)
        {
            throw new TimeoutException($"The job is not as wanted after {Patience.Wait}: {last}");
        }

        throw new InvalidOperationException($"The job ended otherwise: {last}");
    }

    public Task<Job> UntilEndedAsync(string jobId) =>
        UntilAsync(jobId, job => job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled);

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
