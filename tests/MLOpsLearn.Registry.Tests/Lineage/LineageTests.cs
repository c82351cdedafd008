using Grpc.Core;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Tests.Lineage;

/// <summary>The chain from the trigger to the first response.</summary>
public sealed class LineageTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => RegistryApp.Cancel;

    private static async Task PromoteFromAlertAsync(RegistryApp app)
    {
        var version = await app.CreateScoredAsync(Rows.First(), request => request.Origin = new Origin
        {
            TriggerKind = "alert",
            TriggerId = "alert-1",
            TriggerReason = "skill fell",
            TriggerTime = World.At(0),
            JobId = "job-1",
            Pipeline = "taxi",
            PipelineVersion = 1,
        });
        await app.EvaluateAsync(version);
    }

    private static TrainingCompleted JobDone => new("default", "job-1", "taxi", RegistryApp.Model, "succeeded", "", 1, "promoted", "", Start.AddMinutes(3));

    private static DeploymentChanged Deployed(DateTimeOffset? answered) =>
        new("default", "trips", RegistryApp.Model, 1, 0, "deployment-1", Start.AddMinutes(4), answered);

    private static async Task<Contracts.Registry.V1.Lineage> ReadAsync(RegistryApp app) =>
        await app.Client.GetLineageAsync(new GetLineageRequest { Model = RegistryApp.Model, Alias = "champion" }, cancellationToken: Cancel);

    /// <summary>Publishes, and waits until the module has marked so many messages as handled.</summary>
    private static async Task TellAsync(RegistryApp app, int handled, object message, Guid? id = null)
    {
        await app.Bus.Publish(message, message.GetType(), context => context.MessageId = id ?? NewId.NextGuid(), Cancel);
        await Eventually.SeeAsync(
            async () =>
            {
                await using var scope = app.Services.CreateAsyncScope();
                return await scope.ServiceProvider.GetRequiredService<RegistryDbContext>().Set<InboxEntry>().CountAsync(Cancel);
            },
            seen => seen >= handled,
            $"{handled} messages are handled");
    }

    [Fact]
    public async Task The_chain_is_whole_once_every_event_was_heard()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await PromoteFromAlertAsync(app);
        // Nobody can be asked: what was heard must do.
        app.World.Others = StatusCode.Unimplemented;
        await TellAsync(app, 1, JobDone);
        await TellAsync(app, 2, Deployed(Start.AddMinutes(5)));

        var lineage = await ReadAsync(app);

        Assert.True(lineage.Complete);
        Assert.Equal(["trigger", "job", "run", "version", "gate", "deployment", "first-response"], lineage.Steps.Select(step => step.Kind));
        Assert.All(lineage.Steps, step => Assert.NotNull(step.Time));
        Assert.Equal("alert", lineage.Steps[0].Attributes["kind"]);
        Assert.Equal(Start.AddMinutes(5), lineage.Steps[^1].Time.ToDateTimeOffset());
    }

    [Fact]
    public async Task What_was_not_heard_is_asked_for()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await PromoteFromAlertAsync(app);
        app.World.Jobs["job-1"] = new Job { JobId = "job-1", State = JobState.Succeeded, CreateTime = World.At(0), EndTime = World.At(3) };
        app.World.Deployments.Add(new Deployment
        {
            DeploymentId = "deployment-1",
            Endpoint = "trips",
            Model = RegistryApp.Model,
            Version = 1,
            SwapTime = World.At(4),
            FirstResponseTime = World.At(5),
        });

        var lineage = await ReadAsync(app);

        Assert.True(lineage.Complete);
        Assert.Equal(7, lineage.Steps.Count);
    }

    [Fact]
    public async Task An_owner_that_is_away_leaves_the_chain_incomplete_but_readable()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await PromoteFromAlertAsync(app);
        app.World.Others = StatusCode.Internal;
        app.World.Tracking = StatusCode.Internal;

        var lineage = await ReadAsync(app);

        Assert.False(lineage.Complete);
        Assert.Equal(["trigger", "run", "version", "gate"], lineage.Steps.Select(step => step.Kind));
    }

    [Fact]
    public async Task Messages_in_any_order_and_number_leave_one_deployment_with_its_first_response()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        await PromoteFromAlertAsync(app);
        app.World.Others = StatusCode.Unimplemented;
        var twice = Guid.CreateVersion7();
        await TellAsync(app, 1, JobDone);
        await TellAsync(app, 2, Deployed(Start.AddMinutes(5)), twice);
        await TellAsync(app, 2, Deployed(Start.AddMinutes(5)), twice);
        await TellAsync(app, 3, Deployed(null));
        await TellAsync(app, 4, JobDone);

        var lineage = await ReadAsync(app);

        Assert.Equal(7, lineage.Steps.Count);
        Assert.Single(lineage.Steps, step => step.Kind == "deployment");
        Assert.Single(lineage.Steps, step => step.Kind == "first-response");
    }

    [Fact]
    public async Task The_gate_shown_is_the_one_that_promoted()
    {
        await using var app = await RegistryApp.StartWithModelAsync();
        var version = await app.CreateScoredAsync(Rows.First());
        var promoted = await app.EvaluateAsync(version);
        await app.EvaluateAsync(version);

        var lineage = await app.Client.GetLineageAsync(new GetLineageRequest { Model = RegistryApp.Model, Version = 1 }, cancellationToken: Cancel);

        Assert.Equal(promoted.EvaluationId, Assert.Single(lineage.Steps, step => step.Kind == "gate").Id);
        Assert.Contains(lineage.Steps, step => step.Kind == "trigger" && step.Attributes["kind"] == "manual");
    }
}
