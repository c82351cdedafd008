using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.ServiceDefaults;

namespace MLOpsLearn.Registry.Tests;

/// <summary>The module in a real host on a real SQLite file, with tracking, training and inference played by fakes in the same host.</summary>
internal sealed class RegistryApp : IAsyncDisposable
{
    public const string Model = "trip-duration";
    public const string RowsPath = "evaluation/scored-rows.parquet";

    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly string _folder;

    private RegistryApp(WebApplication app, FakeTimeProvider time, string folder)
    {
        (_app, Time, _folder) = (app, time, folder);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        foreach (var service in new[] { "tracking", "training", "inference" })
        {
            app.Configuration[$"services:{service}:http:0"] = addresses[0];
            app.Configuration[$"services:{service}:grpc:0"] = addresses[1];
        }

        Http = new HttpClient { BaseAddress = new Uri(addresses[0]) };
        _channel = GrpcChannel.ForAddress(addresses[1]);
        Client = new Contracts.Registry.V1.Registry.RegistryClient(_channel);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Contracts.Registry.V1.Registry.RegistryClient Client { get; }

    public HttpClient Http { get; }

    public FakeTimeProvider Time { get; }

    public World World => _app.Services.GetRequiredService<World>();

    public Heard Heard => _app.Services.GetRequiredService<Heard>();

    public IBus Bus => _app.Services.GetRequiredService<IBus>();

    public IServiceProvider Services => _app.Services;

    /// <param name="postgres">The database; null for a SQLite file.</param>
    /// <param name="configure">What the test wants otherwise.</param>
    public static async Task<RegistryApp> StartAsync(string? postgres = null, Action<WebApplicationBuilder>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-registry").FullName;
        // Deadlines are moments of the real clock, so the fake one starts there.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Configuration.AddInMemoryCollection(
        [
            new("urls", "http://127.0.0.1:0"),
            new("GRPC_PORT", "0"),
            new("ConnectionStrings:registry", postgres ?? $"Data Source={Path.Combine(folder, "registry.db")}"),
        ]);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton<World>().AddSingleton<Heard>().AddSingleton<FakeTracking>();
        configure?.Invoke(builder);
        builder.AddServiceDefaults();
        builder.AddRegistryModule();
        builder.AddEventConsumer<AliasListener>("tests.model-alias-changed");
        builder.AddEventConsumer<VersionListener>("tests.model-version-created");
        builder.AddEventBus(allowInMemory: true);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapRegistryModule();
        app.MapGrpcService<FakeTraining>();
        app.MapGrpcService<FakeInference>();
        app.MapGrpcService<FakeTracking>();
        app.MapGet("/api/tracking/v1/runs/{run}/artifacts/{**path}", app.Services.GetRequiredService<FakeTracking>().DownloadAsync);
        app.MapGet("/get-artifact", (Microsoft.AspNetCore.Http.HttpContext http, string run_id, string path) => app.Services.GetRequiredService<FakeTracking>().DownloadAsync(http, run_id, path));
        app.MapGet("/api/2.0/mlflow/logged-models/{id}", app.Services.GetRequiredService<FakeTracking>().ShowLoggedModel);
        app.MapPatch("/api/2.0/mlflow/logged-models/{id}/tags", app.Services.GetRequiredService<FakeTracking>().TagLoggedModelAsync);
        await app.StartAsync(Cancel);
        return new RegistryApp(app, time, folder);
    }

    /// <summary>A host with one model and a policy.</summary>
    public static async Task<RegistryApp> StartWithModelAsync(double minImprovement = 0.01, long minRows = 10, double maxPValue = 0)
    {
        var app = await StartAsync();
        await app.Client.CreateModelAsync(new CreateModelRequest { Name = Model }, cancellationToken: Cancel);
        await app.PutPolicyAsync(minImprovement, minRows, maxPValue);
        return app;
    }

    public async Task<PromotionPolicy> PutPolicyAsync(double minImprovement = 0.01, long minRows = 10, double maxPValue = 0, string metric = "rmse") =>
        await Client.PutPromotionPolicyAsync(
            new PutPromotionPolicyRequest
            {
                Model = Model,
                Policy = new PromotionPolicy { Metric = metric, MinImprovement = minImprovement, MinRows = minRows, MaxPValue = maxPValue, RequireDataQuality = true },
            },
            cancellationToken: Cancel);

    public CreateModelVersionRequest VersionRequest(string? run = null) => new()
    {
        RequestId = NewId(),
        Model = Model,
        RunId = run ?? World.AddRun(),
        ArtifactPath = "model",
        ModelFile = "model.bin",
        Signature = new ModelSignature { Output = "duration", Inputs = { new SignatureColumn { Name = "distance", Kind = ColumnKind.Numeric, Required = true } } },
    };

    public async Task<ModelVersion> CreateVersionAsync(CreateModelVersionRequest? request = null) =>
        await Client.CreateModelVersionAsync(request ?? VersionRequest(), cancellationToken: Cancel);

    /// <summary>A version whose run holds these scored rows.</summary>
    public async Task<ModelVersion> CreateScoredAsync(Rows rows, Action<CreateModelVersionRequest>? change = null)
    {
        var request = VersionRequest();
        change?.Invoke(request);
        World.Files[(request.RunId, RowsPath)] = await rows.ToParquetAsync();
        return await CreateVersionAsync(request);
    }

    public static EvaluateModelVersionRequest Evaluation(int version, bool automatic = false) => new()
    {
        RequestId = NewId(),
        Model = Model,
        Version = version,
        ScoredRowsPath = RowsPath,
        DataQuality = new DataQualityVerdict { Good = true },
        Automatic = automatic,
    };

    public async Task<Evaluation> EvaluateAsync(ModelVersion version, bool automatic = false) =>
        await Client.EvaluateModelVersionAsync(Evaluation(version.Version, automatic), cancellationToken: Cancel);

    /// <summary>Version 1, promoted against the rows' own mean.</summary>
    public async Task<ModelVersion> PromoteFirstAsync()
    {
        var version = await CreateScoredAsync(Rows.First());
        Assert.Equal(Verdict.Promoted, (await EvaluateAsync(version)).Verdict);
        return version;
    }

    public async Task<int> ChampionAsync() =>
        (await Client.ResolveAliasAsync(new ResolveAliasRequest { Model = Model, Alias = "champion" }, cancellationToken: Cancel)).Version;

    public static string NewId() => Guid.CreateVersion7().ToString();

    public static async Task<RpcException> FailsAsync<T>(StatusCode code, AsyncUnaryCall<T> call)
    {
        var exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(code, exception.StatusCode);
        return exception;
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        Http.Dispose();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The events that left the module.</summary>
internal sealed class Heard
{
    private readonly SemaphoreSlim _arrived = new(0);

    public ConcurrentQueue<ModelAliasChanged> Aliases { get; } = [];

    public ConcurrentQueue<ModelVersionCreated> Versions { get; } = [];

    public void Arrived() => _arrived.Release();

    /// <summary>Until <paramref name="isEnough"/>, looked at after each arrival.</summary>
    public async Task UntilAsync(Func<Heard, bool> isEnough)
    {
        while (!isEnough(this))
        {
            Assert.True(await _arrived.WaitAsync(Patience.Wait, TestContext.Current.CancellationToken), "An event did not arrive.");
        }
    }
}

internal sealed class AliasListener(Heard heard) : IConsumer<ModelAliasChanged>
{
    public Task Consume(ConsumeContext<ModelAliasChanged> context)
    {
        heard.Aliases.Enqueue(context.Message);
        heard.Arrived();
        return Task.CompletedTask;
    }
}

internal sealed class VersionListener(Heard heard) : IConsumer<ModelVersionCreated>
{
    public Task Consume(ConsumeContext<ModelVersionCreated> context)
    {
        heard.Versions.Enqueue(context.Message);
        heard.Arrived();
        return Task.CompletedTask;
    }
}
