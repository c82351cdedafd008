using Google.Protobuf.WellKnownTypes;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training.Tests.Retraining;

/// <summary>From an alert to a stored decision and its job, through the bus and through the reconciler.</summary>
public sealed class RetrainDecisionTests
{
    private const string Retrain = "retrain: { on: [alert], window: 31d, cool_down: 1d, daily_budget: 5, min_labelled_rows: 1000 }";
    private static readonly DateTimeOffset End = new(2024, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_alert_on_the_bus_starts_one_job_on_the_window_that_ends_at_it()
    {
        await using var host = await StartAsync();
        var alert = Fire(host, MonitorKind.SkillDrop);
        await PublishAsync(host, alert);
        var decision = await DecisionAsync(host);

        await PublishAsync(host, alert);
        await ReconcileAsync(host);

        Assert.Equal(("retrain", 1), (decision.Action, decision.AlertSequence));
        Assert.Equal("5000", decision.Facts["labelled_rows"]);
        Assert.Single((await host.Client.ListDecisionsAsync(new ListDecisionsRequest())).Decisions);
        var job = Assert.Single((await host.Client.ListJobsAsync(new ListJobsRequest { TriggerId = "alert-1" })).Jobs);
        Assert.Equal((decision.JobId, "alert", "skill fell"), (job.JobId, job.Trigger.Kind, job.Trigger.Reason));
        Assert.Equal((End.AddDays(-31), End, End.AddDays(1)), (
            job.Input.Window.Start.ToDateTimeOffset(), job.Input.Window.End.ToDateTimeOffset(), job.Input.Window.AsOf.ToDateTimeOffset()));
        Assert.Contains("because skill fell", Assert.Single(host.Neighbours.Registry.Authorizations).Description, StringComparison.Ordinal);
        var done = await host.UntilEndedAsync(job.JobId);
        Assert.Equal((JobState.Succeeded, ""), (done.State, done.Message));
        Assert.True(Assert.Single(host.Neighbours.Registry.Evaluations).Automatic);
    }

    [Fact]
    public async Task An_alert_whose_event_was_lost_is_found()
    {
        await using var host = await StartAsync();
        Fire(host, MonitorKind.SkillDrop);

        await ReconcileAsync(host);

        Assert.Equal("retrain", (await DecisionAsync(host)).Action);
    }

    [Theory]
    [InlineData(MonitorKind.Drift, "watch")]
    [InlineData(MonitorKind.MissingShare, "block")]
    public async Task Other_alerts_start_nothing_and_ask_nobody(MonitorKind kind, string action)
    {
        await using var host = await StartAsync();
        Fire(host, kind);

        await ReconcileAsync(host);

        Assert.Equal(action, (await DecisionAsync(host)).Action);
        Assert.Empty(host.Neighbours.Registry.Authorizations);
        Assert.Empty((await host.Client.ListJobsAsync(new ListJobsRequest())).Jobs);
    }

    [Fact]
    public async Task A_freeze_holds_the_retraining_back_and_says_why()
    {
        await using var host = await StartAsync();
        host.Neighbours.Registry.FrozenBecause = "audit until Friday";
        Fire(host, MonitorKind.SkillDrop);

        await ReconcileAsync(host);
        await ReconcileAsync(host);

        var decision = await DecisionAsync(host);
        Assert.Equal(("held-back", "audit until Friday", ""), (decision.Action, decision.Reason, decision.JobId));
        Assert.Single(host.Neighbours.Registry.Authorizations);
    }

    [Fact]
    public async Task Without_an_answer_about_freezes_it_waits_and_asks_again()
    {
        await using var host = await StartAsync();
        host.Neighbours.Registry.Outages = 1;
        Fire(host, MonitorKind.SkillDrop);

        await ReconcileAsync(host);
        var waiting = await DecisionAsync(host);
        await ReconcileAsync(host);
        var decided = await DecisionAsync(host);

        Assert.Equal(("wait", "retrain"), (waiting.Action, decided.Action));
        Assert.Equal(waiting.DecisionId, decided.DecisionId);
    }

    [Fact]
    public async Task While_a_job_runs_another_alert_waits_and_the_cool_down_then_ends_its_wait()
    {
        await using var host = await StartAsync();
        host.Neighbours.Monitoring.Pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Fire(host, MonitorKind.SkillDrop);
        await ReconcileAsync(host);
        var job = Assert.Single((await host.Client.ListJobsAsync(new ListJobsRequest())).Jobs);
        Fire(host, MonitorKind.Rmse, id: "alert-2");

        await ReconcileAsync(host);
        var meanwhile = await DecisionAsync(host, "alert-2");
        host.Neighbours.Monitoring.Pause.SetResult();
        await host.UntilEndedAsync(job.JobId);
        await ReconcileAsync(host);
        var afterwards = await DecisionAsync(host, "alert-2");

        Assert.Equal("wait", meanwhile.Action);
        Assert.Contains(job.JobId, meanwhile.Reason, StringComparison.Ordinal);
        Assert.Contains("cool-down", afterwards.Reason, StringComparison.Ordinal);
        Assert.Single((await host.Client.ListJobsAsync(new ListJobsRequest())).Jobs);
    }

    private static async Task<TrainingHost> StartAsync()
    {
        var host = await TrainingHost.StartAsync();
        host.Neighbours.Monitoring.Window = Trips.File();
        host.Neighbours.Monitoring.WindowRows = 2000;
        await host.Client.PutPipelineAsync(new PutPipelineRequest { Name = "trips", Yaml = Trips.Yaml(extra: Retrain) });
        return host;
    }

    private static Alert Fire(TrainingHost host, MonitorKind kind, string id = "alert-1")
    {
        var alert = new Alert
        {
            AlertId = id,
            Endpoint = "trips",
            Model = "trip-duration",
            Monitor = "monitor",
            Kind = kind,
            State = AlertState.Firing,
            Reason = "skill fell",
            Workspace = "default",
            Version = 1,
            Transitions =
            {
                new AlertTransition
                {
                    Sequence = 1,
                    Event = "firing",
                    WindowStart = Timestamp.FromDateTimeOffset(End.AddDays(-31)),
                    WindowEnd = Timestamp.FromDateTimeOffset(End),
                    AsOf = Timestamp.FromDateTimeOffset(End.AddDays(1)),
                    Time = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow()),
                    Rows = 6000,
                    LabelledRows = 5000,
                },
            },
        };
        host.Neighbours.Monitoring.Alerts.Add(alert);
        return alert;
    }

    private static async Task PublishAsync(TrainingHost host, Alert alert)
    {
        var transition = alert.Transitions[0];
        await host.Services.GetRequiredService<IBus>().Publish(new AlertChanged(
            "default", alert.AlertId, 1, "firing", alert.Endpoint, alert.Model, 1, alert.Monitor, "skill_drop", "critical", alert.Reason, 0.1, 0.05,
            transition.WindowStart.ToDateTimeOffset(), transition.WindowEnd.ToDateTimeOffset(), transition.AsOf.ToDateTimeOffset(), 6000, 5000, transition.Time.ToDateTimeOffset()));
    }

    private static Task ReconcileAsync(TrainingHost host) =>
        host.Services.GetServices<IHostedService>().OfType<RetrainReconciler>().Single().ReconcileOnceAsync(TestContext.Current.CancellationToken);

    private static async Task<Decision> DecisionAsync(TrainingHost host, string alertId = "alert-1")
    {
        var answer = await Eventually.SeeAsync(
            async () => await host.Client.ListDecisionsAsync(new ListDecisionsRequest { TriggerId = alertId }, cancellationToken: TestContext.Current.CancellationToken),
            known => known.Decisions.Count > 0,
            $"a decision about {alertId}");
        return answer.Decisions[0];
    }
}
