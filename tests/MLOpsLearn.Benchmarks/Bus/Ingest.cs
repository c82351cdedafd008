using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Inference;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Monitoring;
using MLOpsLearn.Monitoring.Subjects;

namespace MLOpsLearn.Benchmarks.Bus;

/// <summary>Rows a second from inference's capture through a real broker into monitoring's store on a real PostgreSQL, both ends in this process.</summary>
internal static class Ingest
{
    private const double Target = 50_000;

    /// <summary>What the driver lets wait: below the buffer's limit, so that no row is lost.</summary>
    private const long MostWaiting = 200_000;

    public static async Task<int> RunAsync(int rowsPerRequest, int rows)
    {
        await using var servers = await Servers.StartAsync();
        var folder = Directory.CreateTempSubdirectory("mlops-benchmark").FullName;
        using var monitoring = Monitoring(servers, folder);
        using var inference = Inference(servers);
        await monitoring.StartAsync();
        await WatchAsync(monitoring);
        await inference.StartAsync();
        var requests = Enumerable.Range(0, 50).Select(_ => new Rows(rowsPerRequest).Next(TimeProvider.System.GetUtcNow())).ToList();

        // A fifth as much warms up.
        await SendAsync(inference, monitoring, requests, rows / 5, 0);
        var (started, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await SendAsync(inference, monitoring, requests, rows, rows / 5);
        var (elapsed, spent) = (Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);

        var rate = rows / elapsed;
        var lost = inference.Services.GetRequiredService<CaptureBuffer>().StatusOf(Rows.Endpoint).LostRows;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rows:N0} rows in requests of {rowsPerRequest:N0}: {rate:N0} rows/s into PostgreSQL (must be at least {Target:N0}), {lost} lost, {spent / rows * 1e6:N1} µs of processor a row in this process"));
        await inference.StopAsync();
        await monitoring.StopAsync();
        Directory.Delete(folder, recursive: true);
        return rate >= Target && lost == 0 ? 0 : 1;
    }

    private static async Task SendAsync(IHost inference, IHost monitoring, List<ServedRequest> requests, int rows, long before)
    {
        var buffer = inference.Services.GetRequiredService<CaptureBuffer>();
        for (var (sent, i) = (0, 0); sent < rows; sent += requests[0].Rows, i++)
        {
            while (buffer.StatusOf(Rows.Endpoint).WaitingRows > MostWaiting)
            {
                await Task.Delay(5);
            }

            var pattern = requests[i % requests.Count];
            buffer.Add(pattern with { Request = pattern.Request with { Id = Guid.CreateVersion7().ToString() } });
        }

        while (await StoredAsync(monitoring) < before + rows)
        {
            await Task.Delay(20);
        }
    }

    private static async Task<long> StoredAsync(IHost monitoring)
    {
        await using var scope = monitoring.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<SubjectBook>().GetStatusAsync(Rows.Endpoint, default)).StoredRows;
    }

    private static async Task WatchAsync(IHost monitoring)
    {
        await using var scope = monitoring.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<SubjectBook>().PutAsync(
            new PutSubjectRequest
            {
                Endpoint = Rows.Endpoint,
                Subject = new Subject
                {
                    Model = "benchmark",
                    Output = "duration",
                    WindowPeriod = WindowPeriod.Day,
                    Columns =
                    {
                        Rows.Pipeline.Signature.Inputs.Select(input => new FeatureColumn
                        {
                            Name = input.Name, Kind = input.Kind == ColumnKind.Numeric ? FeatureKind.Numeric : FeatureKind.Categorical,
                        }),
                    },
                },
            },
            default);
    }

    private static IHost Monitoring(Servers servers, string folder)
    {
        var builder = Builder(servers);
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:monitoring", servers.Database),
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

    private static IHost Inference(Servers servers)
    {
        var builder = Builder(servers);
        builder.Services.Configure<InferenceOptions>(options => options.CacheRoot = Path.GetTempPath());
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<CaptureBuffer>().AddSingleton<BatchPublisher>();
        builder.AddBusWorker<CaptureWorker>();
        builder.AddEventBus(allowInMemory: false);
        return builder.Build();
    }

    private static HostApplicationBuilder Builder(Servers servers)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:messaging", servers.Broker)]);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Error).AddConsole());
        return builder;
    }
}
