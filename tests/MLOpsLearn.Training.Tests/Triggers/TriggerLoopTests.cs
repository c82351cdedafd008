using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Failures;
using MLOpsLearn.Messaging.Tests.Broker;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training.Tests.Triggers;

/// <summary>From a message of an outsider on a real broker to the job that it starts, or the reason why it starts none.</summary>
public sealed class TriggerLoopTests(BrokerFixture broker)
{
    private const string Requested = "mlops.retrain.requested";
    private const string Retrain = "retrain: { on: [alert, external], window: 31d, cool_down: 1d, daily_budget: 2, min_labelled_rows: 1000 }";

    [Fact]
    public async Task A_request_starts_one_job_that_goes_through_and_keeps_the_senders_trace()
    {
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name.StartsWith("MLOpsLearn", StringComparison.Ordinal), Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        await using var stage = await Stage.StartAsync(broker);
        var data = new { model = "trip-duration", reason = "new prices", files = new[] { stage.Host.Neighbours.Upload("trips.parquet", Trips.File()) } };

        var answer = await stage.Outsider.AskAsync(Requested, data, "prices-1");
        var again = await stage.Outsider.AskAsync(Requested, data, "prices-1");

        Assert.Equal("accepted", answer.Status);
        Assert.Equal(("duplicate", answer.JobId), (again.Status, again.JobId));
        var job = await stage.Host.UntilEndedAsync(answer.JobId!);
        Assert.Equal((JobState.Succeeded, "external", "prices-1", "new prices"), (job.State, job.Trigger.Kind, job.Trigger.Id, job.Trigger.Reason));
        Assert.Single((await stage.Host.Client.ListJobsAsync(new ListJobsRequest())).Jobs);
        Assert.Equal("retrain", Assert.Single((await stage.Host.Client.ListDecisionsAsync(new ListDecisionsRequest { TriggerId = "prices-1" })).Decisions).Action);
        await using var scope = stage.Host.Services.CreateAsyncScope();
        var trace = await scope.ServiceProvider.GetRequiredService<TrainingDbContext>().Jobs.Select(stored => stored.TraceParent).SingleAsync();
        Assert.Contains(Outsider.TraceId, trace, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outsider_that_takes_an_alerts_id_gets_a_decision_of_its_own()
    {
        await using var stage = await Stage.StartAsync(broker);
        const string alertId = "0198f0c2-a003-7e11-9c9c-0a1b2c3d4e5f";
        await using (var scope = stage.Host.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<TrainingDbContext>();
            var ours = new RetrainDecision
            {
                Id = "0198f0c2-a003-7e11-9c9c-0a1b2c3d4e60",
                Workspace = Workspaces.Default,
                Pipeline = "trips",
                Model = "trip-duration",
                AlertId = alertId,
                Sequence = 1,
                Trigger = new JobTrigger(JobTrigger.Alert, alertId, "drift", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
            };
            ours.Decide(new RetrainVerdict(RetrainVerdict.RequestLabels, "An inner decision."), new Dictionary<string, string>(), "", DateTimeOffset.UnixEpoch);
            db.Add(ours);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var answer = await stage.Outsider.AskAsync(Requested, new { model = "trip-duration" }, alertId);

        Assert.Equal("accepted", answer.Status);
        Assert.DoesNotContain("inner", answer.Reason, StringComparison.Ordinal);
        var shown = (await stage.Host.Client.ListDecisionsAsync(new ListDecisionsRequest { TriggerId = alertId })).Decisions;
        Assert.Equal(["external", "alert"], shown.Select(decision => decision.Trigger.Kind));
        await stage.Host.UntilEndedAsync(answer.JobId!);
    }

    [Fact]
    public async Task A_freeze_a_running_job_the_cool_down_and_the_budget_refuse_with_the_reason()
    {
        await using var stage = await Stage.StartAsync(broker);
        var monitoring = stage.Host.Neighbours.Monitoring;
        var data = new { model = "trip-duration" };
        stage.Host.Neighbours.Registry.FrozenBecause = "audit until Friday";
        var frozen = await stage.Outsider.AskAsync(Requested, data);
        stage.Host.Neighbours.Registry.FrozenBecause = null;
        monitoring.Pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var started = await stage.Outsider.AskAsync(Requested, data);
        var meanwhile = await stage.Outsider.AskAsync(Requested, data);
        monitoring.Pause.SetResult();
        await stage.Host.UntilEndedAsync(started.JobId!);
        var soon = await stage.Outsider.AskAsync(Requested, data);
        monitoring.WindowEnd = monitoring.WindowEnd.AddDays(31);
        var second = await stage.Outsider.AskAsync(Requested, data);
        await stage.Host.UntilEndedAsync(second.JobId!);
        monitoring.WindowEnd = monitoring.WindowEnd.AddDays(31);
        var third = await stage.Outsider.AskAsync(Requested, data);

        Assert.Equal(["accepted", "accepted"], [started.Status, second.Status]);
        Assert.All([frozen, meanwhile, soon, third], refused => Assert.Equal(("refused", null), (refused.Status, refused.JobId)));
        Assert.Contains("audit until Friday", frozen.Reason, StringComparison.Ordinal);
        Assert.Contains(started.JobId!, meanwhile.Reason, StringComparison.Ordinal);
        Assert.Contains("cool-down", soon.Reason, StringComparison.Ordinal);
        Assert.Contains("budget of 2", third.Reason, StringComparison.Ordinal);
        Assert.Equal(2, (await stage.Host.Client.ListJobsAsync(new ListJobsRequest())).Jobs.Count);
    }

    [Fact]
    public async Task New_data_trains_the_pipelines_that_listen_on_it()
    {
        await using var stage = await Stage.StartAsync(broker);
        var uri = stage.Host.Neighbours.Upload("new.parquet", Trips.File());

        var answer = await stage.Outsider.AskAsync("mlops.data.available", new { dataset = "made-up-trips", uri });
        var elsewhere = await stage.Outsider.AskAsync("mlops.data.available", new { dataset = "other", uri });
        var forbidden = await stage.Outsider.AskAsync("mlops.data.available", new { dataset = "made-up-trips", uri = "file:/etc/passwd" });

        var job = await stage.Host.UntilEndedAsync(answer.JobId!);
        Assert.Equal((JobState.Succeeded, uri), (job.State, job.Input.Files.Uris.Single()));
        Assert.Equal(["refused", "refused"], [elsewhere.Status, forbidden.Status]);
        Assert.Contains("'other'", elsewhere.Reason, StringComparison.Ordinal);
        Assert.Contains("/etc/passwd", forbidden.Reason, StringComparison.Ordinal);
        var letters = await stage.Host.Services.GetRequiredService<DeadLetterDesk>().PeekAsync(BrokerTopology.TriggerQueue, 10, default);
        Assert.Equal([elsewhere.Reason, forbidden.Reason], letters.Select(letter => letter.Reason));
    }

    [Fact]
    public async Task An_alert_from_outside_asks_for_labels_and_their_arrival_starts_the_job()
    {
        await using var stage = await Stage.StartAsync(broker);
        stage.Host.Neighbours.Monitoring.LabelledRows = 12;
        var nothing = await stage.Outsider.AskAsync("mlops.labels.arrived", new { endpoint = "trips" });

        var info = await stage.Outsider.AskAsync("mlops.alert.external", new { model = "trip-duration", reason = "odd", severity = "info" });
        var alert = await stage.Outsider.AskAsync("mlops.alert.external", new { model = "trip-duration", reason = "complaints", severity = "critical" });
        var tooFew = await stage.Outsider.AskAsync("mlops.labels.arrived", new { endpoint = "trips" });
        stage.Host.Neighbours.Monitoring.LabelledRows = 5000;
        var enough = await stage.Outsider.AskAsync("mlops.labels.arrived", new { endpoint = "trips", count = 4988 });
        var unknown = await stage.Outsider.AskAsync("mlops.labels.arrived", new { endpoint = "nowhere" });

        Assert.Equal(["accepted", "accepted", "refused", "refused", "accepted", "refused"], [nothing.Status, info.Status, alert.Status, tooFew.Status, enough.Status, unknown.Status]);
        Assert.Contains("only 12 of at least 1000", alert.Reason, StringComparison.Ordinal);
        Assert.Contains("'nowhere'", unknown.Reason, StringComparison.Ordinal);
        Assert.Equal((null, null), (nothing.JobId, info.JobId));
        Assert.Equal(JobState.Succeeded, (await stage.Host.UntilEndedAsync(enough.JobId!)).State);
    }

    /// <summary>The module on the broker with one pipeline, and an outsider; what earlier tests left on the broker is gone.</summary>
    private sealed class Stage(TrainingHost host, Outsider outsider) : IAsyncDisposable
    {
        public TrainingHost Host => host;

        public Outsider Outsider => outsider;

        public static async Task<Stage> StartAsync(BrokerFixture broker)
        {
            var address = await broker.AddressAsync();
            var connection = await broker.ConnectAsync();
            await broker.EmptyAsync(BrokerTopology.TriggerQueue);
            var host = await TrainingHost.StartAsync(settings: ("ConnectionStrings:messaging", address));
            host.Neighbours.Monitoring.Window = Trips.File();
            host.Neighbours.Monitoring.WindowRows = 2000;
            host.Neighbours.Monitoring.LabelledRows = 5000;
            await host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = Trips.Yaml(extra: Retrain) });
            var desk = host.Services.GetRequiredService<DeadLetterDesk>();
            await Eventually.HoldsAsync(async () => (await desk.ListAsync(TestContext.Current.CancellationToken)).Single(queue => queue.Queue == BrokerTopology.TriggerQueue).Consumers > 0);
            return new Stage(host, await Outsider.ConnectAsync(connection));
        }

        public async ValueTask DisposeAsync()
        {
            await outsider.DisposeAsync();
            await host.DisposeAsync();
        }
    }
}
