using System.Collections.Concurrent;
using System.Net.Http.Json;
using Grpc.Core;
using Grpc.Net.Client;
using MLOpsLearn.Contracts.Inference.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>Two inference processes behind one address, under constant load, while one after the other is killed and comes back.</summary>
[Collection("processes")]
public sealed class ReplicaTests : IDisposable
{
    private const string Model = "trip-duration";
    private const int Lanes = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-replicas-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_request_fails_while_a_replica_is_killed_and_comes_back()
    {
        SmallMonths.Write(_folder);
        await using var appHost = await AppHostProcess.StartAsync("--Parameters:replicas=2");
        var (exitCode, _, errors) = await Mlops.RunAsync("demo", "--json", "--data", _folder, "--server", $"{appHost.Http}", "--grpc", $"{appHost.Grpc}", "--report", Path.Combine(_folder, "r.html"));
        Assert.True(exitCode == 0, errors);
        Assert.Equal(2, appHost.IdsOf("Inference").Count);

        // Without the retries of the product's own client: nothing but the gateway stands between.
        using var channel = GrpcChannel.ForAddress(appHost.Grpc);
        var inference = new Inference.InferenceClient(channel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var faults = new ConcurrentQueue<string>();
        var answered = 0;
        var load = Enumerable.Range(0, Lanes).SelectMany(_ => new[]
        {
            Task.Run(() => CallAsync("gRPC", async () => await inference.PredictAsync(Request(), cancellationToken: CancellationToken.None))),
            Task.Run(() => CallAsync("JSON", () => JsonAsync(appHost.Http))),
        }).ToList();
        var kills = new List<string>();
        foreach (var replica in appHost.IdsOf("Inference"))
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            var healthy = TimesHealthy();
            AppHostProcess.Kill(replica);
            kills.Add($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff}");
            await Eventually.TrueAsync(Patience, () => appHost.IdsOf("Inference") is { Count: 2 } now && !now.Contains(replica) && TimesHealthy() > healthy,
                "The killed replica did not come back.");
        }

        await Task.Delay(500, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        if (!faults.IsEmpty)
        {
            // The gateway's own words come a moment later.
            await Task.Delay(2000, TestContext.Current.CancellationToken);
            Assert.Fail($"{faults.Count} failed, {answered} answered. Killed: {string.Join(", ", kills)}\n{string.Join('\n', faults)}\n{appHost.Said("gateway", "inference")}");
        }

        Assert.True(answered > 100, $"{answered} answers");

        // Said when all replicas are.
        int TimesHealthy() => appHost.Lines.Count(line => line.StartsWith("inference ", StringComparison.Ordinal) && line.Contains(": Healthy", StringComparison.Ordinal));

        async Task CallAsync(string kind, Func<Task> call)
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await call();
                    Interlocked.Increment(ref answered);
                }
                catch (Exception exception) when (exception is RpcException or HttpRequestException or TaskCanceledException)
                {
                    faults.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {kind} {exception.Message}");
                }
            }
        }
    }

    private static async Task JsonAsync(Uri server)
    {
        using var http = new HttpClient { BaseAddress = server };
        using var answer = await http.PostAsJsonAsync(new Uri($"/api/inference/v1/endpoints/{Model}:predict", UriKind.Relative), new
        {
            columns = new object[]
            {
                new { name = "PULocationID", int64s = new { values = new[] { 3 } } },
                new { name = "DOLocationID", int64s = new { values = new[] { 4 } } },
                new { name = "trip_distance", doubles = new { values = new[] { 1.5 } } },
                new { name = "hour", int64s = new { values = new[] { 8 } } },
                new { name = "weekday", int64s = new { values = new[] { 2 } } },
            },
        });
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }

    private static PredictRequest Request() => new()
    {
        Endpoint = Model,
        Columns =
        {
            new InputColumn { Name = "PULocationID", Int64S = new Int64s { Values = { 3 } } },
            new InputColumn { Name = "DOLocationID", Int64S = new Int64s { Values = { 4 } } },
            new InputColumn { Name = "trip_distance", Doubles = new Doubles { Values = { 1.5 } } },
            new InputColumn { Name = "hour", Int64S = new Int64s { Values = { 8 } } },
            new InputColumn { Name = "weekday", Int64S = new Int64s { Values = { 2 } } },
        },
    };
}
