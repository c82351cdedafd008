using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>Database and cache that are killed while calls come.</summary>
[Collection("processes")]
public sealed class ServerFaultTests
{
    private const string Endpoint = "watched";

    [Fact]
    public async Task A_database_and_a_cache_that_are_killed_under_load_lose_nothing_that_was_acknowledged()
    {
        ServerSet.SkipWithoutServers();
        var token = TestContext.Current.CancellationToken;
        await using var servers = new ServerSet();
        await servers.StartAsync(FiveServices.Names);
        await using var services = await FiveServices.StartAsync(servers);
        await services.HealthyAsync();
        using var client = services.Connect();
        await client.Monitoring.PutSubjectAsync(
            new PutSubjectRequest
            {
                Endpoint = Endpoint,
                Subject = new Subject { Model = "m", Output = "y", WindowPeriod = WindowPeriod.Month, Columns = { new FeatureColumn { Name = "x", Kind = FeatureKind.Numeric } } },
            },
            cancellationToken: token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var load = new Load(client);
        var running = load.RunAsync(stop.Token);

        await Task.Delay(TimeSpan.FromSeconds(2), token);
        await servers.KillAsync("cache");
        await Task.Delay(TimeSpan.FromSeconds(1), token);
        await servers.KillAsync("postgres");
        await servers.HealthyAsync("postgres");
        // Whoever waits between two tries may wait for two seconds.
        await Task.Delay(TimeSpan.FromSeconds(4), token);
        var recovered = Stopwatch.GetTimestamp();
        var before = load.Runs.Count;
        await Task.Delay(TimeSpan.FromSeconds(4), token);
        await stop.CancelAsync();
        await running;

        Assert.True(load.Runs.Count > before, "Nothing was acknowledged after the restart.");
        Assert.Empty(load.Failures.Where(failure => failure.Time > recovered).Select(failure => failure.Status));
        // Calls may be refused while a server is away, but only as unavailable.
        Assert.All(load.Failures, failure => Assert.Equal(StatusCode.Unavailable, failure.Status.StatusCode));
        foreach (var (runId, step) in load.Runs)
        {
            Assert.Equal(step, (await client.Tracking.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: token)).Metrics.Single().Value);
        }

        var stored = (await client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = Endpoint }, cancellationToken: token)).StoredLabels;
        Assert.InRange(stored, load.Labels, load.Labels + load.LabelCallsWithoutAnswer);
        Assert.All(FiveServices.Names, service => Assert.Equal(0, services.Restarts(service)));
        await services.HealthyAsync();
    }

    /// <summary>Callers that each do one thing after the other, and remember what was acknowledged.</summary>
    private sealed class Load(MLOpsLearnClient client)
    {
        private const int Callers = 6;
        private long _labels;
        private long _unanswered;

        public ConcurrentDictionary<string, double> Runs { get; } = new();

        public ConcurrentQueue<(long Time, Status Status)> Failures { get; } = new();

        public long Labels => Interlocked.Read(ref _labels);

        public long LabelCallsWithoutAnswer => Interlocked.Read(ref _unanswered);

        public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => CallAsync(caller, cancellationToken)));

        private async Task CallAsync(int caller, CancellationToken cancellationToken)
        {
            for (var round = 0; !cancellationToken.IsCancellationRequested; round++)
            {
                try
                {
                    // Not cancelled in the middle: what is begun is brought to its answer.
                    var run = await client.Tracking.CreateRunAsync(new CreateRunRequest { RequestId = MLOpsLearnClient.NewRequestId() }, cancellationToken: CancellationToken.None);
                    await client.Tracking.LogBatchAsync(
                        new LogBatchRequest { RunId = run.RunId, Metrics = { new Metric { Key = "step", Value = round } } }, cancellationToken: CancellationToken.None);
                    Runs[run.RunId] = round;
                    Interlocked.Increment(ref _unanswered);
                    await client.Monitoring.SubmitLabelsAsync(
                        new SubmitLabelsRequest
                        {
                            Endpoint = Endpoint,
                            ObservedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
                            Labels = { new LabelSet { PredictionId = $"{caller}-{round}", Values = { 1 } } },
                        },
                        cancellationToken: CancellationToken.None);
                    Interlocked.Increment(ref _labels);
                    Interlocked.Decrement(ref _unanswered);
                }
                catch (RpcException exception)
                {
                    Failures.Enqueue((Stopwatch.GetTimestamp(), exception.Status));
                }
            }
        }
    }
}
