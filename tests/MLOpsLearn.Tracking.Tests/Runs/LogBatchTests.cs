using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests.Runs;

public sealed class LogBatchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_param_stays_what_it_was_and_a_batch_that_would_change_it_leaves_nothing()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();
        await app.Client.LogBatchAsync(new LogBatchRequest { RunId = id, Params = { ["depth"] = "6" } }, cancellationToken: Cancel);
        await app.Client.LogBatchAsync(new LogBatchRequest { RunId = id, Params = { ["depth"] = "6" } }, cancellationToken: Cancel);

        var refused = await TrackingApp.FailsAsync(StatusCode.InvalidArgument, app.Client.LogBatchAsync(
            new LogBatchRequest
            {
                RunId = id,
                Params = { ["depth"] = new string('7', 8000), ["new"] = "1" },
                Tags = { ["t"] = "1" },
                Metrics = { new Metric { Key = "m", Value = 1 } },
                Datasets = { new Dataset { Name = "d", Sha256 = new string('a', 64) } },
            },
            cancellationToken: Cancel));

        var run = await app.Client.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel);
        Assert.Contains("depth", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("6", Assert.Single(run.Params).Value);
        Assert.Equal(["mlflow.runName"], run.Tags.Keys);
        Assert.Empty(run.Metrics);
        Assert.Empty(run.Datasets);
    }

    [Fact]
    public async Task One_bad_entry_among_a_thousand_stores_none_of_them()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();
        var batch = new LogBatchRequest { RunId = id, Metrics = { Enumerable.Range(0, 999).Select(step => new Metric { Key = "m", Value = step, Step = step }) } };
        batch.Metrics.Add(new Metric { Key = "" });

        var refused = await TrackingApp.FailsAsync(StatusCode.InvalidArgument, app.Client.LogBatchAsync(batch, cancellationToken: Cancel));

        var history = await app.Client.ListMetricHistoryAsync(new ListMetricHistoryRequest { RunId = id, Key = "m" }, cancellationToken: Cancel);
        Assert.Contains("metrics[999].key", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(history.Metrics);
    }

    [Fact]
    public async Task Two_writers_of_one_param_never_both_win()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();

        var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(async value =>
        {
            try
            {
                await app.Client.LogBatchAsync(new LogBatchRequest { RunId = id, Params = { ["p"] = $"{value}" } }, cancellationToken: Cancel);
                return $"{value}";
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.InvalidArgument)
            {
                return null;
            }
        }));

        var run = await app.Client.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel);
        Assert.Equal(run.Params["p"], Assert.Single(won, value => value is not null));
    }

    [Fact]
    public async Task A_hundred_writers_to_one_run_lose_no_point()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async writer =>
        {
            for (var batch = 0; batch < 3; batch++)
            {
                await app.Client.LogBatchAsync(
                    new LogBatchRequest
                    {
                        RunId = id,
                        Metrics = { Enumerable.Range(0, 10).Select(i => new Metric { Key = "loss", Step = (writer * 30) + (batch * 10) + i, Value = writer }) },
                    },
                    cancellationToken: Cancel);
            }
        }));

        var history = await app.Client.ListMetricHistoryAsync(
            new ListMetricHistoryRequest { RunId = id, Key = "loss", PageSize = 10_000 }, cancellationToken: Cancel);
        var run = await app.Client.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: Cancel);
        Assert.Equal(Enumerable.Range(0, 3000).Select(step => (long)step), history.Metrics.Select(metric => metric.Step));
        Assert.Equal(2999, Assert.Single(run.Metrics).Step);
    }
}
