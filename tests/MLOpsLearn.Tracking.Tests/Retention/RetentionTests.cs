using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Retention;

/// <summary>Runs go by their experiment's policy, step by step and with a reason; nothing goes without one.</summary>
public sealed class RetentionTests(MLflowServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task What_no_rule_keeps_is_marked_deleted_then_gone_and_a_dry_run_says_it_before(string database)
    {
        await using var app = await StartAsync(database);
        var client = new MLflowClient(app.Http) { App = app };
        var experiment = await ExperimentAsync(client, ("max_age_days", "30"), ("keep_last", "1"), ("keep_best", "1 by rmse asc"), ("deleted_days", "7"));
        var best = await RunAsync(client, experiment, rmse: 1, start: 1);
        var nan = await RunAsync(client, experiment, rmse: double.NaN, start: 2);
        var old = await RunAsync(client, experiment, rmse: 3, start: 3);
        var pinned = await RunAsync(client, experiment, rmse: 4, start: 4);
        await client.PostAsync("runs/set-tag", new { run_id = pinned, key = "mlops.retention.keep", value = "the paper" });
        var going = await client.NewRunAsync(experiment, startTime: 5);
        var last = await RunAsync(client, experiment, rmse: 5, start: 6);
        var elsewhere = await RunAsync(client, await client.NewExperimentAsync(), rmse: 9, start: 1);
        var young = await client.NewExperimentAsync();
        await client.PostAsync("experiments/set-experiment-tag", new { experiment_id = young, key = "mlops.retention.max_age_days", value = "60" });
        var notYet = await RunAsync(client, young, rmse: 9, start: 1);
        await PutAsync(client, old, experiment);
        Pass(app, 31);

        var planned = await CollectAsync(app, isDry: true);
        Assert.Equal([(nan, false), (old, false)], planned.Listed.Select(run => (run.RunId, run.IsForGood)));
        Assert.All(planned.Listed, run => Assert.Equal(
            "ended 31 days ago, more than the 30 that its experiment keeps, and it is none of the last 1 nor of the best 1 by rmse asc", run.Reason));
        Assert.Equal("active", await StageAsync(client, old));
        var done = await CollectAsync(app);
        Assert.Equal(planned.Listed, done.Listed);
        Assert.Equal((2L, 0L), (done.Expired, done.Runs));
        foreach (var (run, stage) in new[] { (best, "active"), (nan, "deleted"), (old, "deleted"), (pinned, "active"), (going, "active"), (last, "active"), (elsewhere, "active"), (notYet, "active") })
        {
            Assert.Equal(stage, await StageAsync(client, run));
        }

        await client.PostAsync("runs/restore", new { run_id = nan });
        await client.PostAsync("runs/set-tag", new { run_id = nan, key = "mlops.retention.keep", value = "" });
        Pass(app, 8);
        var planGone = await CollectAsync(app, isDry: true);
        Assert.Equal(old, Assert.Single(planGone.Listed).RunId);
        Assert.True(planGone.Listed[0].IsForGood);
        Assert.Equal("deleted 8 days ago, at least 7 days were to be waited", planGone.Listed[0].Reason);
        var gone = await CollectAsync(app);

        Assert.Equal((planGone.Listed, 0L, 1L, 1L), (gone.Listed, gone.Expired, gone.Runs, gone.Artifacts));
        Assert.Empty(app.StoredFiles);
        await client.GetRefusedAsync($"runs/get?run_id={old}", "RESOURCE_DOES_NOT_EXIST", 404);
        Assert.Equal("active", await StageAsync(client, nan));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task The_server_s_own_policy_is_applied_by_itself_and_an_experiment_may_say_never(string database)
    {
        await using var app = await StartAsync(database, ("Retention:MaxAgeDays", "10"), ("Retention:DeletedDays", "5"), ("Retention:Interval", "00:01:00"));
        var client = new MLflowClient(app.Http) { App = app };
        var usual = await RunAsync(client, "0", rmse: 1, start: 1);
        var never = await RunAsync(client, await ExperimentAsync(client, ("max_age_days", "never")), rmse: 1, start: 1);
        var kept = await RunAsync(client, await ExperimentAsync(client, ("keep_last", "1")), rmse: 1, start: 1);
        var byHand = await RunAsync(client, await ExperimentAsync(client, ("deleted_days", "never")), rmse: 1, start: 1);
        await client.PostAsync("runs/delete", new { run_id = byHand });

        Pass(app, 11);
        await UntilAsync(app, async () => await StageAsync(client, usual) == "deleted");
        Pass(app, 6);
        await UntilAsync(app, async () => (await client.TryGetAsync($"runs/get?run_id={usual}")).Status == System.Net.HttpStatusCode.NotFound);

        Assert.Equal(("active", "active", "deleted"), (await StageAsync(client, never), await StageAsync(client, kept), await StageAsync(client, byHand)));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_run_that_a_registered_version_came_from_stays_whatever_is_asked(string database)
    {
        await using var app = await StartAsync(database);
        var client = new MLflowClient(app.Http) { App = app };
        var experiment = await ExperimentAsync(client, ("max_age_days", "1"), ("deleted_days", "1"));
        var (registered, bySource, free) = (await RunAsync(client, experiment, 1, 1), await RunAsync(client, experiment, 2, 2), await RunAsync(client, experiment, 3, 3));
        await client.PostAsync("registered-models/create", new { name = "m" });
        await client.PostAsync("model-versions/create", new { name = "m", source = $"runs:/{registered}/model", run_id = registered });
        await client.PostAsync("model-versions/create", new { name = "m", source = $"mlflow-artifacts:/{experiment}/{bySource}/artifacts/model" });
        Pass(app, 2);

        var expired = await CollectAsync(app);
        Assert.Equal(free, Assert.Single(expired.Listed).RunId);
        foreach (var run in new[] { registered, bySource })
        {
            await client.PostAsync("runs/delete", new { run_id = run });
        }

        Pass(app, 2);
        var collected = await CollectAsync(app);
        var byHand = await app.Client.CollectGarbageAsync(new CollectGarbageRequest(), cancellationToken: Cancel);

        Assert.Equal((free, 2L), (Assert.Single(collected.Listed).RunId, collected.Registered));
        Assert.Equal((0L, 2L), (byHand.Runs, byHand.Registered));
        Assert.Equal("deleted", await StageAsync(client, bySource));
        await client.PostAsync("experiments/delete", new { experiment_id = experiment });
        Assert.Equal(0L, (await app.Client.CollectGarbageAsync(new CollectGarbageRequest(), cancellationToken: Cancel)).Experiments);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task An_experiment_that_registered_versions_came_from_is_removed_for_good_only_after_them(string database)
    {
        await using var app = await StartAsync(database);
        var client = new MLflowClient(app.Http) { App = app };
        var (used, modelled, free) = (await client.NewExperimentAsync(), await client.NewExperimentAsync(), await client.NewExperimentAsync());
        var (run, _) = (await client.NewRunAsync(used), await client.NewRunAsync(free));
        var model = (string)(await client.PostAsync("logged-models", new { experiment_id = modelled }))["model"]!["info"]!["model_id"]!;
        await client.PostAsync("registered-models/create", new { name = "taxi" });
        await client.PostAsync("model-versions/create", new { name = "taxi", source = $"runs:/{run}/model", run_id = run });
        await client.PostAsync("model-versions/create", new { name = "taxi", source = $"mlflow-artifacts:/{used}/{run}/artifacts/model" });
        await client.PostAsync("model-versions/create", new { name = "taxi", source = $"mlflow-artifacts:/{modelled}/models/{model}/artifacts" });

        Assert.Contains("(taxi/1, taxi/2)", await client.RefusedAsync("experiments/delete", new { experiment_id = used, permanent = true }), StringComparison.Ordinal);
        var refused = await TrackingApp.FailsAsync(
            Grpc.Core.StatusCode.FailedPrecondition,
            app.Client.DeleteExperimentAsync(new DeleteExperimentRequest { ExperimentId = long.Parse(modelled, CultureInfo.InvariantCulture), Permanent = true }, cancellationToken: Cancel));
        Assert.Contains("(taxi/3)", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("active", await StageAsync(client, run));
        await client.PostAsync("experiments/delete", new { experiment_id = free, permanent = true });
        foreach (var version in new[] { "1", "2" })
        {
            await client.SendAsync(HttpMethod.Delete, "model-versions/delete", new { name = "taxi", version });
        }

        await client.PostAsync("experiments/delete", new { experiment_id = used, permanent = true });
        await client.GetRefusedAsync($"runs/get?run_id={run}", "RESOURCE_DOES_NOT_EXIST", 404);
    }

    [Fact]
    public async Task Nothing_goes_while_the_registry_does_not_say_what_must_stay()
    {
        await using var app = await TrackingApp.StartAsync(settings: new Dictionary<string, string?> { ["services:registry:grpc:0"] = "http://127.0.0.1:9" });
        var client = new MLflowClient(app.Http) { App = app };
        var run = await client.NewRunAsync();
        await client.PostAsync("runs/delete", new { run_id = run });

        await TrackingApp.FailsAsync(Grpc.Core.StatusCode.Unavailable, app.Client.CollectGarbageAsync(new CollectGarbageRequest(), cancellationToken: Cancel));
        Assert.Equal("deleted", await StageAsync(client, run));
    }

    [Theory]
    [InlineData("max_age_days", "soon", "from 0 to 3650, or 'never'")]
    [InlineData("max_age_days", "-1", "from 0 to 3650")]
    [InlineData("keep_last", "1.5", "from 0 to 1000000")]
    [InlineData("keep_best", "5", "5 by rmse asc")]
    [InlineData("keep_best", "0 by rmse asc", "5 by rmse asc")]
    [InlineData("keep_best", "5 by rmse up", "5 by rmse asc")]
    [InlineData("deleted_days", "0", "from 1 to 3650")]
    [InlineData("max_age", "1", "is no rule of retention")]
    public async Task A_rule_that_can_t_be_is_refused_when_it_is_set(string rule, string value, string said)
    {
        var client = await servers.ClientAsync("sqlite");
        var (experiment, key) = (await client.NewExperimentAsync(), "mlops.retention." + rule);

        var set = await client.RefusedAsync("experiments/set-experiment-tag", new { experiment_id = experiment, key, value });
        var created = await client.RefusedAsync("experiments/create", new { name = MLflowClient.NewName(), tags = new[] { new { key, value } } });
        var native = await TrackingApp.FailsAsync(
            Grpc.Core.StatusCode.InvalidArgument,
            client.App.Client.CreateExperimentAsync(new CreateExperimentRequest { RequestId = TrackingApp.NewId(), Name = MLflowClient.NewName(), Tags = { [key] = value } }, cancellationToken: Cancel));

        foreach (var message in new[] { set, created, native.Status.Detail })
        {
            Assert.Contains(key, message, StringComparison.Ordinal);
            Assert.Contains(value, message, StringComparison.Ordinal);
            Assert.Contains(said, message, StringComparison.Ordinal);
        }

        var exception = rule == "max_age" ? null : await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            "sqlite", ("Retention:" + CultureInfo.InvariantCulture.TextInfo.ToTitleCase(rule.Replace('_', ' ')).Replace(" ", "", StringComparison.Ordinal), value)));
        Assert.Contains(said, exception?.Message ?? said, StringComparison.Ordinal);
    }

    private async Task<TrackingApp> StartAsync(string database, params (string Key, string Value)[] settings)
    {
        var app = await TrackingApp.StartAsync(
            connectionString: await servers.DatabaseAsync(database), settings: settings.ToDictionary(pair => pair.Key, pair => (string?)pair.Value), withRegistry: true);
        app.Services.GetRequiredService<IOptions<ArtifactOptions>>().Value.SweepGrace = TimeSpan.Zero;
        return app;
    }

    private static async Task<CollectGarbageResponse> CollectAsync(TrackingApp app, bool isDry = false) =>
        await app.Client.CollectGarbageAsync(new CollectGarbageRequest { ApplyRetention = true, DryRun = isDry }, cancellationToken: Cancel);

    private static async Task<string> ExperimentAsync(MLflowClient client, params (string Rule, string Value)[] rules) => (string)(await client.PostAsync(
        "experiments/create",
        new { name = MLflowClient.NewName(), tags = rules.Select(rule => new { key = "mlops.retention." + rule.Rule, value = rule.Value }) }))["experiment_id"]!;

    private static async Task<string> RunAsync(MLflowClient client, string experiment, double rmse, int start)
    {
        var now = client.App.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var run = await client.NewRunAsync(experiment, now + start);
        object value = double.IsNaN(rmse) ? "NaN" : rmse;
        await client.PostAsync("runs/log-metric", new { run_id = run, key = "rmse", value, timestamp = now });
        await client.PostAsync("runs/update", new { run_id = run, status = "FINISHED", end_time = now });
        return run;
    }

    private static async Task<string> StageAsync(MLflowClient client, string run) => (string)(await client.RunAsync(run))["info"]!["lifecycle_stage"]!;

    private static async Task PutAsync(MLflowClient client, string run, string experiment)
    {
        using var response = await client.Http.PutAsync($"/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/a.txt", new StringContent("a"), Cancel);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Days pass. No timer rings: the workers of each second would ring millions of times.</summary>
    private static void Pass(TrackingApp app, int days) => app.Time.AdjustTime(app.Time.GetUtcNow() + TimeSpan.FromDays(days));

    /// <summary>Lets turns of the worker pass until something holds.</summary>
    private static Task UntilAsync(TrackingApp app, Func<Task<bool>> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        return Eventually.HoldsAsync(HoldsAfterATurnAsync, what);

        async Task<bool> HoldsAfterATurnAsync()
        {
            if (await holds())
            {
                return true;
            }

            app.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(100, Cancel);
            return false;
        }
    }
}
