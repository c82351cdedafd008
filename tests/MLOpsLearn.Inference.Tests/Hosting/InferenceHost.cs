using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Messaging.Bus;
using Client = MLOpsLearn.Contracts.Inference.V1.Inference.InferenceClient;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>The module in a host: real database, real ports, the bus in memory.</summary>
internal sealed class InferenceHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private InferenceHost(WebApplication app, ReceivedEvents received)
    {
        (_app, Received) = (app, received);
        var (http, grpc) = app.Addresses();
        _channel = GrpcChannel.ForAddress(grpc);
        Calls = new Client(_channel);
        Http = new HttpClient { BaseAddress = new Uri(http) };
    }

    public Client Calls { get; }

    public HttpClient Http { get; }

    public ReceivedEvents Received { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<InferenceHost> StartAsync(FakePlatform platform, string folder, ReceivedEvents? received = null)
    {
        received ??= new ReceivedEvents();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.UseTwoPorts();
        var (http, grpc) = platform.Addresses;
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:inference"] = $"Data Source={Path.Combine(folder, "inference.db")};Pooling=False",
            ["Inference:CacheRoot"] = Path.Combine(folder, "models"),
            ["Inference:RefreshSeconds"] = "1",
            ["services:registry:grpc:0"] = grpc,
            ["services:registry:http:0"] = http,
            ["services:tracking:grpc:0"] = grpc,
            ["services:tracking:http:0"] = http,
        });
        builder.Services.AddSingleton(received);
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = 16 * 1024 * 1024)
            .AddJsonTranscoding(options => options.TypeRegistry = TypeRegistry.FromMessages(
                BadRequest.Descriptor, ResourceInfo.Descriptor, PreconditionFailure.Descriptor, ErrorInfo.Descriptor));
        builder.AddInferenceModule();
        builder.AddEventConsumer<ServedConsumer>("tests.predictions-served");
        builder.AddEventConsumer<DeploymentConsumer>("tests.deployment-changed");
        builder.AddEventBus(allowInMemory: true);
        var app = builder.Build();
        app.MapInferenceModule();
        await app.StartAsync();
        app.Services.GetRequiredService<IBus>().ConnectPublishObserver(new PublishObserver(received));
        var host = new InferenceHost(app, received);
        await Eventually.HoldsAsync(async () => await host.IsReadyAsync(), "the module is ready");
        return host;
    }

    public async Task<bool> IsReadyAsync() =>
        (await _app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"))).Status == HealthStatus.Healthy;

    /// <summary>Moves the alias as the registry does: first its state, then the event.</summary>
    public async Task PromoteAsync(FakePlatform platform, int version)
    {
        platform.Registry.Point(version);
        await Services.GetRequiredService<IBus>().Publish(
            new ModelAliasChanged("default", FakeRegistry.Model, "champion", version, 0, "", "", TimeProvider.System.GetUtcNow()));
    }

    public async Task CreateAsync(string name = "trips-live", params int[] shadows) =>
        await Calls.CreateEndpointAsync(new CreateEndpointRequest { Name = name, Model = FakeRegistry.Model, ShadowVersions = { shadows } });

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
