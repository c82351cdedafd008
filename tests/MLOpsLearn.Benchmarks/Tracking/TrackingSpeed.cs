using System.Diagnostics;
using System.Globalization;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.ServiceDefaults;
using MLOpsLearn.Tracking;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>The paths of Tracking that clients call most, over one connection on loopback, with the client in the same process.</summary>
internal static class TrackingSpeed
{
    private const int BatchSize = 1000;

    /// <param name="connectionString">The database; a fresh SQLite file when it is null.</param>
    public static async Task<int> RunAsync(string? connectionString)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-benchmark").FullName;
        var app = Build(folder, connectionString ?? $"Data Source={Path.Combine(folder, "tracking.db")}");
        await app.StartAsync();
        using (var channel = GrpcChannel.ForAddress(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last()))
        {
            await MeasureAsync(new Contracts.Tracking.V1.Tracking.TrackingClient(channel));
        }

        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task MeasureAsync(Contracts.Tracking.V1.Tracking.TrackingClient client)
    {
        var run = (await client.CreateRunAsync(new CreateRunRequest())).RunId;
        await RateAsync("create run", "runs/s", 1, 200, 2000, async i => await client.CreateRunAsync(new CreateRunRequest { Name = $"r{i}" }));
        await RateAsync("log one metric", "calls/s", 1, 200, 4000, async i => await client.LogBatchAsync(
            new LogBatchRequest { RunId = run, Metrics = { new Metric { Key = "loss", Step = i, Value = i * 0.5 } } }));
        await RateAsync("log batches of 1,000", "points/s", BatchSize, 20, 300, async i => await client.LogBatchAsync(Batch(run, i)));
        await RateAsync("get run", "calls/s", 1, 200, 2000, async _ => await client.GetRunAsync(new GetRunRequest { RunId = run }));
        await RateAsync("history of 100,000 points", "points/s", 100_000, 1, 3, async _ =>
        {
            var request = new ListMetricHistoryRequest { RunId = run, Key = "many", PageSize = 10_000 };
            for (var page = 0; page < 10; page++)
            {
                request.PageToken = (await client.ListMetricHistoryAsync(request)).NextPageToken;
            }
        });
    }

    private static LogBatchRequest Batch(string run, int number)
    {
        var batch = new LogBatchRequest { RunId = run };
        for (var i = 0; i < BatchSize; i++)
        {
            batch.Metrics.Add(new Metric { Key = "many", Step = ((long)number * BatchSize) + i, Value = i * 0.37 });
        }

        return batch;
    }

    private static async Task RateAsync(string what, string unit, int perCall, int warmUp, int calls, Func<int, Task> call)
    {
        for (var i = 0; i < warmUp; i++)
        {
            await call(i);
        }

        var watch = Stopwatch.StartNew();
        var processor = Environment.CpuUsage.TotalTime;
        for (var i = warmUp; i < warmUp + calls; i++)
        {
            await call(i);
        }

        var elapsed = watch.Elapsed;
        // Processor time, of client and server together, tells the cost also on a machine that others use.
        processor = Environment.CpuUsage.TotalTime - processor;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-28}{calls * perCall / elapsed.TotalSeconds,12:N0} {unit,-10}{elapsed.TotalMilliseconds / calls,10:N2} ms, {processor.TotalMilliseconds / calls:N2} ms of processor a call"));
    }

    public static WebApplication Build(string folder, string connectionString)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // As the hosts do it: a watcher of the folder would see every write of the database.
            Args = ["--hostBuilder:reloadConfigOnChange=false"],
            ContentRootPath = folder,
        });
        builder.Configuration.AddInMemoryCollection(
        [
            new("urls", "http://127.0.0.1:0"),
            new("GRPC_PORT", "0"),
            new("ConnectionStrings:tracking", connectionString),
            new("Artifacts:Root", Path.Combine(folder, "artifacts")),
        ]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddTrackingModule();
        builder.AddEventBus(allowInMemory: true);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapTrackingModule();
        return app;
    }
}
