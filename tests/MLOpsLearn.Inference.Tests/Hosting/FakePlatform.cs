using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MLOpsLearn.Inference.Tests.Hosting;

/// <summary>Registry and tracking in a process of their own, as far as the module can tell; it can go away.</summary>
internal sealed class FakePlatform : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakePlatform(WebApplication app, FakeRegistry registry) => (_app, Registry, Addresses) = (app, registry, app.Addresses());

    public FakeRegistry Registry { get; }

    /// <summary>Where it is, or was.</summary>
    public (string Http, string Grpc) Addresses { get; }

    public static async Task<FakePlatform> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.UseTwoPorts();
        var registry = new FakeRegistry();
        builder.Services.AddSingleton(registry);
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.MapGrpcService<FakeRegistry>();
        app.MapGet("/api/tracking/v1/runs/{runId}/artifacts/{**path}", (string runId, string path) =>
            registry.Files.TryGetValue($"{runId}/{path}", out var file) ? Results.Bytes(file) : Results.NotFound());
        await app.StartAsync();
        return new FakePlatform(app, registry);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
