using CsCheck;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests.Metrics;

public sealed class MetricHistoryTests
{
    private static readonly double[] OddValues = [0, 1, -1, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon];

    private static readonly long[] Steps = [-3, 0, 7, long.MinValue, long.MaxValue];

    private static readonly Gen<Metric> AnyMetric =
        Gen.Select(Gen.Bool.Select(first => first ? "a" : "b/c d"), Gen.Int[0, OddValues.Length - 1].Select(i => OddValues[i]), Gen.Int[0, 4].Select(i => Steps[i]), Gen.Long[0, 3])
            .Select((key, value, step, ms) => new Metric
            {
                Key = key,
                Value = value,
                Step = step,
                Time = DateTimeOffset.FromUnixTimeMilliseconds(ms).ToTimestamp(),
            });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_is_every_different_point_in_order_and_latest_its_last_whatever_comes_in_whatever_batches()
    {
        await using var app = await TrackingApp.StartAsync();

        await AnyMetric.Array[0, 12].Array[1, 4].SampleAsync(
            async batches =>
            {
                var id = await app.StartRunAsync();
                foreach (var batch in batches)
                {
                    await app.Client.LogBatchAsync(new LogBatchRequest { RunId = id, Metrics = { batch } }, cancellationToken: Cancel);
                }

                var run = await app.Client.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel);
                foreach (var key in batches.SelectMany(batch => batch).GroupBy(metric => metric.Key))
                {
                    var expected = key.Distinct().OrderBy(metric => metric.Step).ThenBy(metric => metric.Time.ToDateTimeOffset())
                        .ThenBy(metric => double.IsNaN(metric.Value) ? 0 : metric.Value).ThenBy(metric => double.IsNaN(metric.Value)).ToList();
                    Assert.Equal(expected, await HistoryAsync(app, id, key.Key, 3));
                    var latest = Assert.Single(run.Metrics, metric => metric.Key == key.Key);
                    Assert.Equal((expected[^1].Step, expected[^1].Time), (latest.Step, latest.Time));
                    Assert.Contains(latest, expected);
                }
            },
            iter: 40, threads: 1);
    }

    [Fact]
    public async Task A_batch_that_is_sent_again_is_stored_once()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();
        var batch = new LogBatchRequest
        {
            RunId = id,
            Metrics = { new Metric { Key = "m", Value = double.NaN, Step = 1, Time = new Timestamp() }, new Metric { Key = "m", Value = 2, Step = 1, Time = new Timestamp() } },
        };

        await app.Client.LogBatchAsync(batch, cancellationToken: Cancel);
        await app.Client.LogBatchAsync(batch, cancellationToken: Cancel);

        Assert.Equal(2, (await HistoryAsync(app, id, "m", 100)).Count);
    }

    [Fact]
    public async Task The_latest_value_is_of_the_highest_step_though_it_came_first()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();

        await app.Client.LogBatchAsync(new LogBatchRequest { RunId = id, Metrics = { new Metric { Key = "m", Value = 9, Step = 9 } } }, cancellationToken: Cancel);
        await app.Client.LogBatchAsync(new LogBatchRequest { RunId = id, Metrics = { new Metric { Key = "m", Value = 1, Step = 1 } } }, cancellationToken: Cancel);

        Assert.Equal(9, Assert.Single((await app.Client.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel)).Metrics).Value);
    }

    [Fact]
    public async Task Runs_with_metrics_of_one_name_keep_apart()
    {
        await using var app = await TrackingApp.StartAsync();
        var (one, two) = (await app.StartRunAsync(), await app.StartRunAsync());

        await app.Client.LogBatchAsync(new LogBatchRequest { RunId = one, Metrics = { new Metric { Key = "m", Value = 1 } } }, cancellationToken: Cancel);

        Assert.Single(await HistoryAsync(app, one, "m", 10));
        Assert.Empty(await HistoryAsync(app, two, "m", 10));
        Assert.Empty(await HistoryAsync(app, one, "unknown", 10));
    }

    private static async Task<List<Metric>> HistoryAsync(TrackingApp app, string id, string key, int pageSize)
    {
        var metrics = new List<Metric>();
        var request = new ListMetricHistoryRequest { RunId = id, Key = key, PageSize = pageSize };
        do
        {
            var page = await app.Client.ListMetricHistoryAsync(request, cancellationToken: Cancel);
            Assert.True(page.Metrics.Count <= pageSize);
            metrics.AddRange(page.Metrics);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return metrics;
    }
}
