using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests.Runs;

public sealed class RunTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_run_shows_all_that_was_logged_to_it()
    {
        await using var app = await TrackingApp.StartAsync();
        var sha256 = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));
        var run = await app.Client.CreateRunAsync(new CreateRunRequest { Name = "first", Tags = { ["git"] = "abc" } }, cancellationToken: Cancel);
        await app.Client.LogBatchAsync(
            new LogBatchRequest
            {
                RunId = run.RunId,
                Params = { ["trees"] = "100" },
                Tags = { ["git"] = "def" },
                Metrics = { new Metric { Key = "rmse", Value = 5.8, Step = 3 }, new Metric { Key = "rmse", Value = 7, Step = 1 } },
                Datasets = { new Dataset { Name = "trips", Sha256 = sha256, Rows = 10, Context = "training", Source = "2021-01" } },
            },
            cancellationToken: Cancel);

        var seen = await app.Client.GetRunAsync(new GetRunRequest { RunId = run.RunId }, cancellationToken: Cancel);

        Assert.Matches("^[0-9a-f]{32}$", run.RunId);
        Assert.Equal((RunStatus.Running, "first", 0L), (seen.Status, seen.Name, seen.ExperimentId));
        Assert.Equal(("100", "def"), (seen.Params["trees"], seen.Tags["git"]));
        Assert.Equal(new Metric { Key = "rmse", Value = 5.8, Step = 3, Time = app.Time.GetUtcNow().ToTimestamp() }, Assert.Single(seen.Metrics));
        Assert.Equal((sha256, sha256[..32], "training"), (seen.Datasets[0].Sha256, seen.Datasets[0].Digest, seen.Datasets[0].Context));
        Assert.Equal(seen, (await app.Client.ListRunsAsync(new ListRunsRequest(), cancellationToken: Cancel)).Runs[0]);
    }

    [Fact]
    public async Task The_same_request_makes_one_run()
    {
        await using var app = await TrackingApp.StartAsync();
        var request = new CreateRunRequest { RequestId = TrackingApp.NewId(), Name = "once" };

        var first = await app.Client.CreateRunAsync(request, cancellationToken: Cancel);
        var again = await app.Client.CreateRunAsync(request, cancellationToken: Cancel);
        var later = new CreateRunRequest(request) { Name = "twice" };
        await TrackingApp.FailsAsync(StatusCode.AlreadyExists, app.Client.CreateRunAsync(later, cancellationToken: Cancel));
        app.Time.Advance(TimeSpan.FromHours(25));
        var forgotten = await app.Client.CreateRunAsync(later, cancellationToken: Cancel);

        Assert.Equal(first, again);
        Assert.NotEqual(first.RunId, forgotten.RunId);
    }

    [Fact]
    public async Task A_run_ends_once_and_the_same_end_again_changes_nothing()
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();

        var ended = await app.Client.FinishRunAsync(new FinishRunRequest { RunId = id, Status = RunStatus.Finished }, cancellationToken: Cancel);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var again = await app.Client.FinishRunAsync(new FinishRunRequest { RunId = id, Status = RunStatus.Finished }, cancellationToken: Cancel);
        await TrackingApp.FailsAsync(
            StatusCode.FailedPrecondition, app.Client.FinishRunAsync(new FinishRunRequest { RunId = id, Status = RunStatus.Failed }, cancellationToken: Cancel));

        Assert.Equal(RunStatus.Finished, ended.Status);
        Assert.Equal(ended.EndTime, again.EndTime);
    }

    [Fact]
    public async Task Pages_give_each_run_once_newest_first_though_runs_are_added_in_between()
    {
        await using var app = await TrackingApp.StartAsync();
        var made = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            made.Add(await app.StartRunAsync());
        }

        var seen = new List<string>();
        var request = new ListRunsRequest { PageSize = 10 };
        do
        {
            var page = await app.Client.ListRunsAsync(request, cancellationToken: Cancel);
            seen.AddRange(page.Runs.Select(run => run.RunId));
            request.PageToken = page.NextPageToken;
            await app.StartRunAsync();
        }
        while (request.PageToken.Length > 0);

        Assert.Equal(Enumerable.Reverse(made), seen);
    }

    [Fact]
    public async Task Json_does_the_same_as_grpc()
    {
        await using var app = await TrackingApp.StartAsync();

        var created = await (await app.Http.PostAsJsonAsync("/api/tracking/v1/runs", new { name = "json" }, Cancel)).Content.ReadFromJsonAsync<JsonElement>(Cancel);
        var id = created.GetProperty("runId").GetString();
        var logged = await app.Http.PostAsJsonAsync(
            $"/api/tracking/v1/runs/{id}:log", new { metrics = new object[] { new { key = "loss", value = "NaN", step = 1 } } }, Cancel);
        var ended = await app.Http.PostAsJsonAsync($"/api/tracking/v1/runs/{id}:finish", new { status = "RUN_STATUS_FINISHED" }, Cancel);
        var seen = await app.Http.GetFromJsonAsync<JsonElement>($"/api/tracking/v1/runs/{id}", Cancel);
        var history = await app.Http.GetFromJsonAsync<JsonElement>($"/api/tracking/v1/runs/{id}/metric-history?key=loss", Cancel);
        var missing = await app.Http.GetAsync($"/api/tracking/v1/runs/{new string('0', 32)}", Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), (logged.StatusCode, ended.StatusCode, missing.StatusCode));
        Assert.Equal("NaN", seen.GetProperty("metrics")[0].GetProperty("value").GetString());
        Assert.Equal("NaN", history.GetProperty("metrics")[0].GetProperty("value").GetString());
        Assert.Contains("no run", await missing.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }
}
