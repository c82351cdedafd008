using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Registry;
using MLOpsLearn.ServiceDefaults;
using MLOpsLearn.Tracking.Tests.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Tests;

/// <summary>The module alone in a real host: both endpoints on ports of the system's choice, SQLite and artifacts in a folder of its own, or in a bucket.</summary>
internal sealed class TrackingApp : IAsyncDisposable
{
    public const string Prefix = "team/a";

    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly string _folder;
    private readonly S3Server? _s3;

    private TrackingApp(WebApplication app, FakeTimeProvider time, string folder, S3Server? s3)
    {
        (_app, Time, _folder, _s3) = (app, time, folder, s3);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        Http = new HttpClient { BaseAddress = new Uri(addresses[0]) };
        _channel = GrpcChannel.ForAddress(addresses[1]);
        Client = new Contracts.Tracking.V1.Tracking.TrackingClient(_channel);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Contracts.Tracking.V1.Tracking.TrackingClient Client { get; }

    public HttpClient Http { get; }

    public FakeTimeProvider Time { get; }

    public IServiceProvider Services => _app.Services;

    public string ArtifactRoot => Path.Combine(_folder, "artifacts");

    /// <summary>What the store's disk holds, unfinished uploads included.</summary>
    public IEnumerable<string> StoredFiles => _s3 is null
        ? Directory.EnumerateFiles(ArtifactRoot, "*", SearchOption.AllDirectories)
        : _s3.FilesOf(Bucket);

    public string Bucket => BucketOf(_folder);

    /// <summary>The bucket of the server that has this folder; the server keeps to a prefix of it.</summary>
    public static string BucketOf(string folder) => Path.GetFileName(folder).ToLowerInvariant();

    /// <param name="folder">Of the database and the artifacts; a new one by default.</param>
    /// <param name="connectionString">SQLite in the folder by default.</param>
    /// <param name="s3">Keeps the artifacts; the folder by default.</param>
    /// <param name="settings">More settings, which win.</param>
    /// <param name="withRegistry">The registry runs beside it, with a database of its own in the folder.</param>
    /// <param name="change">Changes what the module is made of.</param>
    public static async Task<TrackingApp> StartAsync(
        string? folder = null, string? connectionString = null, S3Server? s3 = null, Dictionary<string, string?>? settings = null, bool withRegistry = false,
        Action<IServiceCollection>? change = null)
    {
        folder ??= Directory.CreateTempSubdirectory("mlops-tracking").FullName;
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Configuration.AddInMemoryCollection(
        [
            new("urls", "http://127.0.0.1:0"),
            new("GRPC_PORT", "0"),
            new("ConnectionStrings:tracking", connectionString ?? $"Data Source={Path.Combine(folder, "tracking.db")}"),
            new("Artifacts:Root", Path.Combine(folder, "artifacts")),
        ]);
        if (s3 is not null)
        {
            await s3.MakeBucketAsync(BucketOf(folder));
            builder.Configuration.AddInMemoryCollection(
            [
                new("Artifacts:Root", $"s3://{BucketOf(folder)}/{Prefix}"),
                new("Artifacts:Endpoint", s3.Endpoint),
                new("Artifacts:AccessKey", S3Server.Key),
                new("Artifacts:SecretKey", S3Server.Key),
            ]);
        }

        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.AddServiceDefaults();
        builder.AddTrackingModule();
        if (withRegistry)
        {
            builder.Configuration["ConnectionStrings:registry"] = $"Data Source={Path.Combine(folder, "registry.db")}";
            builder.AddRegistryModule();
        }

        builder.AddEventBus(allowInMemory: true);
        change?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapTrackingModule();
        if (withRegistry)
        {
            app.MapRegistryModule();
        }

        await app.StartAsync(Cancel);
        if (withRegistry)
        {
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
            foreach (var service in new[] { "tracking", "registry", "training", "monitoring", "inference" })
            {
                (app.Configuration[$"services:{service}:http:0"], app.Configuration[$"services:{service}:grpc:0"]) = (addresses[0], addresses[1]);
            }
        }

        return new TrackingApp(app, time, folder, s3);
    }

    public async Task<string> StartRunAsync() =>
        (await Client.CreateRunAsync(new CreateRunRequest { RequestId = NewId() }, cancellationToken: Cancel)).RunId;

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
