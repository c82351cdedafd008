using Google.Protobuf.Collections;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Inference;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Inference.Tests.Hosting;
using MLOpsLearn.Learning.Tables;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Monitoring;
using MLOpsLearn.Monitoring.Subjects;

namespace MLOpsLearn.Messaging.Tests.Rows;

/// <summary>Both ends of served rows: inference's capture in one host, monitoring in another, a real broker between and a real PostgreSQL behind.</summary>
internal sealed class RowsRig : IAsyncDisposable
{
    public const string Endpoint = "trips-live";
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-rows").FullName;
    private readonly IHost _inference;
    private readonly IHost? _monitoring;

    private RowsRig(string broker, string? database, int bufferRows)
    {
        _inference = Inference(broker, bufferRows);
        _monitoring = database is null ? null : Monitoring(broker, database, _folder);
    }

    public CaptureBuffer Buffer => _inference.Services.GetRequiredService<CaptureBuffer>();

    public IBus Bus => _inference.Services.GetRequiredService<IBus>();

    public IServiceProvider MonitoringServices => _monitoring!.Services;

    /// <param name="broker">amqp:// address.</param>
    /// <param name="database">Monitoring's PostgreSQL; no monitoring when null.</param>
    /// <param name="bufferRows">The capture buffer; its default when 0.</param>
    public static async Task<RowsRig> StartAsync(string broker, string? database, int bufferRows = 0)
    {
        var rig = new RowsRig(broker, database, bufferRows);
        if (rig._monitoring is { } monitoring)
        {
            await monitoring.StartAsync(TestContext.Current.CancellationToken);
            await rig.InBookAsync(book => book.PutAsync(new PutSubjectRequest { Endpoint = Endpoint, Subject = Declaration() }, TestContext.Current.CancellationToken));
            await monitoring.Services.GetRequiredService<BusGate>().WaitAsync(TestContext.Current.CancellationToken);
        }

        await rig._inference.StartAsync(TestContext.Current.CancellationToken);
        return rig;
    }

    /// <summary>An answered request whose rows were served at <paramref name="at"/>.</summary>
    public static ServedRequest Served(string id, int rows, DateTimeOffset at)
    {
        var pipeline = Version.Pipeline;
        var columns = pipeline.Signature.Inputs.Select(input => LoadedVersion.MissingColumn(input, rows));
        var predictions = new RepeatedField<double> { Enumerable.Repeat(1.0, rows) };
        return new ServedRequest(Snapshot, new RequestRows(id, [at.ToUnixTimeMilliseconds()], new ColumnTable([.. columns])), predictions, at);
    }

    public Task<IngestStatus> StatusAsync() => InBookAsync(book => book.GetStatusAsync(Endpoint, TestContext.Current.CancellationToken));

    public static async Task EventuallyAsync(Func<Task<bool>> isTrue, Func<Task<string>> describe)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await isTrue())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience.Wait, await describe());
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _inference.StopAsync();
        _inference.Dispose();
        if (_monitoring is not null)
        {
            await _monitoring.StopAsync();
            _monitoring.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static LoadedVersion Version { get; } = new(
        new KnownVersion { Workspace = "default", Model = "trips", Version = 1, RunId = "r", ArtifactPath = "model", ModelFile = "model.bin", Sha256 = "" }, ModelFiles.Pipeline(1));

    private static EndpointSnapshot Snapshot { get; } = new(Endpoint, "default", Version, [], Guid.Empty, hasAnswered: true);

    private static Subject Declaration() => new()
    {
        Model = "trips",
        Output = "duration",
        WindowPeriod = WindowPeriod.Day,
        Columns =
        {
            new FeatureColumn { Name = "distance", Kind = FeatureKind.Numeric },
            new FeatureColumn { Name = "zone", Kind = FeatureKind.Categorical },
        },
    };

    private async Task<T> InBookAsync<T>(Func<SubjectBook, Task<T>> work)
    {
        await using var scope = _monitoring!.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<SubjectBook>());
    }

    private static IHost Inference(string broker, int bufferRows)
    {
        var builder = Builder(broker);
        builder.Services.Configure<InferenceOptions>(options =>
        {
            options.CaptureBufferRows = bufferRows > 0 ? bufferRows : options.CaptureBufferRows;
            options.CaptureFlushSeconds = 1;
        });
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<CaptureBuffer>().AddSingleton<BatchPublisher>();
        builder.AddBusWorker<CaptureWorker>();
        builder.AddEventBus(allowInMemory: false);
        return builder.Build();
    }

    private static IHost Monitoring(string broker, string database, string folder)
    {
        var builder = Builder(broker);
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:monitoring", database),
            new("Monitoring:Root", folder),
            .. new[] { "tracking", "registry", "inference" }.SelectMany(service => new KeyValuePair<string, string?>[]
            {
                new($"services:{service}:http:0", "http://127.0.0.1:1"), new($"services:{service}:grpc:0", "http://127.0.0.1:1"),
            }),
        ]);
        builder.AddMonitoringModule();
        builder.AddEventBus(allowInMemory: false);
        return builder.Build();
    }

    private static HostApplicationBuilder Builder(string broker)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:messaging", broker)]);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error));
        return builder;
    }
}
