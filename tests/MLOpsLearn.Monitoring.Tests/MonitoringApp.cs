using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.ServiceDefaults;

namespace MLOpsLearn.Monitoring.Tests;

/// <summary>The module alone in a real host: SQLite and files in a folder of its own, beside a registry that knows no model: all is served elsewhere.</summary>
internal sealed class MonitoringApp : IAsyncDisposable
{
    public const string Endpoint = "rides";
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private readonly string _folder;

    private MonitoringApp(WebApplication app, string folder, string http, string grpc)
    {
        (_app, _folder) = (app, folder);
        Http = new HttpClient { BaseAddress = new Uri(http) };
        _channel = GrpcChannel.ForAddress(grpc);
        Client = new Contracts.Monitoring.V1.Monitoring.MonitoringClient(_channel);
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Contracts.Monitoring.V1.Monitoring.MonitoringClient Client { get; }

    public HttpClient Http { get; }

    public static async Task<MonitoringApp> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-monitoring").FullName;
        var (http, grpc) = ($"http://127.0.0.1:{FreePort()}", FreePort());
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Configuration.AddInMemoryCollection(
        [
            new("urls", http),
            new("GRPC_PORT", $"{grpc}"),
            new("ConnectionStrings:monitoring", $"Data Source={Path.Combine(folder, "monitoring.db")}"),
            new("Monitoring:Root", Path.Combine(folder, "files")),
            .. new[] { "tracking", "registry", "inference" }.SelectMany(service => new KeyValuePair<string, string?>[]
            {
                new($"services:{service}:http:0", http), new($"services:{service}:grpc:0", $"http://127.0.0.1:{grpc}"),
            }),
        ]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddMonitoringModule();
        builder.AddEventBus(allowInMemory: true);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapMonitoringModule();
        app.MapGrpcService<EmptyRegistry>();
        await app.StartAsync(Cancel);
        return new MonitoringApp(app, folder, http, $"http://127.0.0.1:{grpc}");
    }

    /// <summary>Declares the endpoint: one numeric and one categorical column, windows of a day unless told otherwise.</summary>
    public async Task<Subject> WatchAsync(WindowPeriod period = WindowPeriod.Day, long windowRows = 0) => await Client.PutSubjectAsync(
        new PutSubjectRequest
        {
            Endpoint = Endpoint,
            Subject = new Subject
            {
                Model = "rides",
                Output = "minutes",
                WindowPeriod = period,
                WindowRows = windowRows,
                Columns = { new FeatureColumn { Name = "distance", Kind = FeatureKind.Numeric }, new FeatureColumn { Name = "zone", Kind = FeatureKind.Categorical } },
            },
        },
        cancellationToken: Cancel);

    /// <summary>A batch of one request; row i is served at <paramref name="time"/> plus i seconds and answered with i.</summary>
    public static PredictionBatch Batch(string predictionId, DateTimeOffset time, int rows, double shift = 0)
    {
        var batch = new PredictionBatch
        {
            BatchId = Guid.CreateVersion7().ToString(),
            Endpoint = Endpoint,
            Model = "rides",
            ServedTime = time.ToTimestamp(),
            Requests = { new PredictedRequest { PredictionId = predictionId, Rows = rows } },
            Columns =
            {
                new FeatureValues { Name = "distance", Numbers = { Enumerable.Range(0, rows).Select(i => i + shift) } },
                new FeatureValues { Name = "zone", Codes = { Enumerable.Range(0, rows).Select(i => i % 2) }, Categories = { "a", "b" } },
            },
            Arms = { new ArmPredictions { Version = 1, Predictions = { Enumerable.Range(0, rows).Select(i => (double)i) } } },
        };
        batch.EventTimesMs.AddRange(Enumerable.Range(0, rows).Select(i => time.AddSeconds(i).ToUnixTimeMilliseconds()));
        return batch;
    }

    public async Task<SubmitPredictionsResponse> PredictAsync(PredictionBatch batch) =>
        await Client.SubmitPredictionsAsync(new SubmitPredictionsRequest { Endpoint = Endpoint, Batch = batch }, cancellationToken: Cancel);

    public async Task<SubmitLabelsResponse> LabelAsync(string predictionId, DateTimeOffset observedAt, params double[] values) => await Client.SubmitLabelsAsync(
        new SubmitLabelsRequest { Endpoint = Endpoint, ObservedAt = observedAt.ToTimestamp(), Labels = { new LabelSet { PredictionId = predictionId, Values = { values } } } },
        cancellationToken: Cancel);

    /// <summary>Waits for the window that starts then to be as wanted.</summary>
    public async Task<WindowResult> WindowAsync(DateTimeOffset start, Func<WindowResult, bool> isWanted)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var windows = await Client.ListWindowsAsync(new ListWindowsRequest { Endpoint = Endpoint }, cancellationToken: Cancel);
            if (windows.Windows.FirstOrDefault(window => window.Start.ToDateTimeOffset() == start) is { } found && isWanted(found))
            {
                return found;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, $"Not seen in time; there is {windows}");
            await Task.Delay(20, Cancel);
        }
    }

    public async Task<Alert> AlertAsync(Func<Alert, bool> isWanted)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var alerts = await Client.ListAlertsAsync(new ListAlertsRequest { Endpoint = Endpoint }, cancellationToken: Cancel);
            if (alerts.Alerts.FirstOrDefault(isWanted) is { } found)
            {
                return found;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < Patience.Wait, $"Not seen in time; there is {alerts}");
            await Task.Delay(20, Cancel);
        }
    }

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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class EmptyRegistry : Registry.RegistryBase
    {
        public override Task<ModelVersion> GetModelVersion(GetModelVersionRequest request, ServerCallContext context) =>
            throw RpcErrors.NotFound("model version", $"{request.Model}/{request.Version}");
    }
}
