using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Protocols.Native;

/// <summary>What MLflow's calls do to runs, the native calls do too, with the same result.</summary>
public sealed class RunParityTests(MLflowServers servers)
{
    private static readonly string[] Filters =
    [
        "metrics.loss < 2", "metrics.loss >= 3 AND params.model = 'tree'", "params.model ILIKE 'T%'", "params.model IS NULL", "tags.team != 'x'", "run_name = 'c'",
        "attributes.start_time > 2", "status = 'FINISHED'", "tags.`mlflow.runName` IN ('a')", "params.model NOT IN ('net') AND status IN ('FINISHED', 'RUNNING')", "dataset.name = 'trips'", "",
        "metrics.loss < 2 OR (params.model = 'net' AND tags.team IS NOT NULL)",
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_search_finds_counts_and_orders_the_same_runs(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await RunsAsync(client);
        foreach (var filter in Filters)
        {
            foreach (var order in new[] { "metrics.loss DESC", "params.model", "attributes.end_time" })
            {
                var there = await client.SearchAsync(experiment, filter, [order], extended: true);
                var here = await SearchAsync(client, new SearchRunsRequest { ExperimentIds = { long.Parse(experiment) }, Filter = filter, OrderBy = { order }, PageSize = 2 });
                var count = await client.App.Client.CountRunsAsync(new SearchRunsRequest { ExperimentIds = { long.Parse(experiment) }, Filter = filter }, cancellationToken: Cancel);

                Assert.Equal(there, here.Select(run => run.RunId));
                Assert.Equal(there.Count, count.Count);
            }
        }

        var refused = await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.SearchRunsAsync(new SearchRunsRequest { Filter = "metrics.loss IN ('a')" }, cancellationToken: Cancel));
        Assert.Contains(await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, filter = "metrics.loss IN ('a')" }), refused.Status.Detail, StringComparison.Ordinal);
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.CountRunsAsync(new SearchRunsRequest { Filter = "metrics.loss ~ 1" }, cancellationToken: Cancel));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_search_takes_deleted_runs_children_and_runs_without_their_data(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await RunsAsync(client);
        var runs = await SearchAsync(client, new SearchRunsRequest { ExperimentIds = { long.Parse(experiment) } });
        var child = await client.App.Client.CreateRunAsync(new CreateRunRequest { Tags = { ["mlflow.parentRunId"] = runs[0].RunId } }, cancellationToken: Cancel);
        await client.App.Client.DeleteRunAsync(new DeleteRunRequest { RunId = runs[0].RunId }, cancellationToken: Cancel);
        await client.App.Client.DeleteRunAsync(new DeleteRunRequest { RunId = runs[0].RunId }, cancellationToken: Cancel);
        var request = new SearchRunsRequest { ExperimentIds = { long.Parse(experiment) } };

        Assert.Equal(2, (await SearchAsync(client, request)).Count);
        Assert.Equal("deleted", (string)(await client.RunAsync(runs[0].RunId))["info"]!["lifecycle_stage"]!);
        var deleted = Assert.Single(await SearchAsync(client, new SearchRunsRequest(request) { View = LifecycleView.Deleted }));
        Assert.Equal((runs[0].RunId, true), (deleted.RunId, deleted.Deleted));
        Assert.Equal(3, (await SearchAsync(client, new SearchRunsRequest(request) { View = LifecycleView.All })).Count);
        Assert.All(await SearchAsync(client, new SearchRunsRequest(request) { OmitData = true }), run => Assert.Equal((0, 0), (run.Tags.Count, run.Metrics.Count)));
        Assert.Equal([child.RunId], (await SearchAsync(client, new SearchRunsRequest { ParentRunId = runs[0].RunId })).Select(run => run.RunId));
        var frozen = await TrackingApp.FailsAsync(StatusCode.FailedPrecondition, client.App.Client.UpdateRunAsync(new UpdateRunRequest { RunId = runs[0].RunId, Name = "x" }, cancellationToken: Cancel));
        Assert.Contains("must be in the 'active' state", frozen.Status.Detail, StringComparison.Ordinal);
        await TrackingApp.FailsAsync(StatusCode.FailedPrecondition, client.App.Client.FinishRunAsync(new FinishRunRequest { RunId = runs[0].RunId, Status = RunStatus.Failed }, cancellationToken: Cancel));
        await client.App.Client.RestoreRunAsync(new RestoreRunRequest { RunId = runs[0].RunId }, cancellationToken: Cancel);
        Assert.Equal("active", (string)(await client.RunAsync(runs[0].RunId))["info"]!["lifecycle_stage"]!);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_run_that_is_changed_here_is_changed_there(string database)
    {
        var client = await servers.ClientAsync(database);
        var made = await client.App.Client.CreateRunAsync(new CreateRunRequest { RequestId = TrackingApp.NewId(), Name = "first", UserId = "me", Tags = { ["a"] = "1" } }, cancellationToken: Cancel);

        Assert.Equal(("me", "first", "first"), (made.UserId, (string)(await client.RunAsync(made.RunId))["info"]!["run_name"]!, made.Tags["mlflow.runName"]));
        await client.App.Client.UpdateRunAsync(new UpdateRunRequest { RunId = made.RunId, Status = RunStatus.Finished, EndTime = new() { Seconds = 7 }, Name = "second" }, cancellationToken: Cancel);
        var again = await client.App.Client.UpdateRunAsync(new UpdateRunRequest { RunId = made.RunId, Status = RunStatus.Running }, cancellationToken: Cancel);
        await client.App.Client.DeleteRunTagAsync(new DeleteRunTagRequest { RunId = made.RunId, Key = "a" }, cancellationToken: Cancel);

        var there = await client.RunAsync(made.RunId);
        Assert.Equal(("second", "RUNNING", 7000L), ((string)there["info"]!["run_name"]!, (string)there["info"]!["status"]!, (long)there["info"]!["end_time"]!));
        Assert.Equal("""[{"key":"mlflow.runName","value":"second"}]""", there["data"]!["tags"]!.ToJsonString());
        Assert.Equal((string)there["info"]!["artifact_uri"]!, again.ArtifactUri);
        await TrackingApp.FailsAsync(StatusCode.NotFound, client.App.Client.DeleteRunTagAsync(new DeleteRunTagRequest { RunId = made.RunId, Key = "a" }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.CreateRunAsync(new CreateRunRequest { Name = "a", Tags = { ["mlflow.runName"] = "b" } }, cancellationToken: Cancel));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Histories_of_several_runs_are_the_same_whole_and_sampled(string database)
    {
        var client = await servers.ClientAsync(database);
        var ids = new[] { await client.NewRunAsync(), await client.NewRunAsync() };
        foreach (var id in ids)
        {
            await client.App.Client.LogBatchAsync(
                new LogBatchRequest { RunId = id, Metrics = { Enumerable.Range(0, 300).Select(step => new Metric { Key = "m", Value = step, Step = step, Time = new() { Seconds = step } }) } }, cancellationToken: Cancel);
        }

        var query = string.Join('&', ids.Select(id => $"run_ids={id}")) + "&metric_key=m";
        var bulkThere = await client.GetAsync($"metrics/get-history-bulk?{query.Replace("run_ids", "run_id", StringComparison.Ordinal)}&max_results=450");
        var bulkHere = await client.App.Client.ListMetricHistoriesAsync(new ListMetricHistoriesRequest { RunIds = { ids }, Key = "m", MaxPoints = 450 }, cancellationToken: Cancel);
        var sampleThere = await client.GetAsync($"metrics/get-history-bulk-interval?{query}&start_step=10&end_step=290&max_results=20");
        var sampleHere = await client.App.Client.SampleMetricHistoriesAsync(
            new SampleMetricHistoriesRequest { RunIds = { ids }, Key = "m", StartStep = 10, EndStep = 290, MaxSteps = 20 }, cancellationToken: Cancel);

        Assert.Equal(450, bulkHere.Histories.Sum(history => history.Metrics.Count));
        Assert.Equal(Points(bulkThere), Points(bulkHere));
        Assert.Equal(Points(sampleThere), Points(sampleHere));
        Assert.Equal([20, 20], sampleHere.Histories.Select(history => history.Metrics.Count).Select(count => Math.Min(count, 20)));
        var refused = await TrackingApp.FailsAsync(
            StatusCode.InvalidArgument, client.App.Client.SampleMetricHistoriesAsync(new SampleMetricHistoriesRequest { RunIds = { ids }, Key = "m", StartStep = 1 }, cancellationToken: Cancel));
        Assert.Contains("end_step must come with the other", refused.Status.Detail, StringComparison.Ordinal);
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.ListMetricHistoriesAsync(new ListMetricHistoriesRequest { Key = "m" }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.ListMetricHistoriesAsync(new ListMetricHistoriesRequest { Key = "m", RunIds = { ids }, MaxPoints = 25_001 }, cancellationToken: Cancel));
    }

    private static IEnumerable<(string, long, double)> Points(System.Text.Json.Nodes.JsonNode answer) =>
        answer["metrics"]!.AsArray().Select(point => ((string)point!["run_id"]!, (long)point["step"]!, (double)point["value"]!));

    private static IEnumerable<(string, long, double)> Points(MetricHistories answer) =>
        answer.Histories.SelectMany(history => history.Metrics.Select(metric => (history.RunId, metric.Step, metric.Value)));

    private static async Task<List<Run>> SearchAsync(MLflowClient client, SearchRunsRequest request)
    {
        var found = new List<Run>();
        var page = new SearchRunsRequest(request);
        do
        {
            var answer = await client.App.Client.SearchRunsAsync(page, cancellationToken: Cancel);
            found.AddRange(answer.Runs);
            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);
        return found;
    }

    private static async Task<string> RunsAsync(MLflowClient client)
    {
        var experiment = await client.NewExperimentAsync();
        foreach (var (name, loss, model) in new[] { ("a", 1, "tree"), ("b", 2, "net"), ("c", 3, "tree") })
        {
            var id = await client.NewRunAsync(experiment, loss, name);
            await client.App.Client.LogBatchAsync(
                new LogBatchRequest { RunId = id, Metrics = { new Metric { Key = "loss", Value = loss } }, Params = { ["model"] = model }, Tags = { ["team"] = name == "a" ? "x" : "y" } }, cancellationToken: Cancel);
        }

        return experiment;
    }
}
