using System.Data;
using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Messaging.Caching;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;

namespace MLOpsLearn.Training.Retraining;

/// <summary>Gathers the facts of an alert's transition, decides, and stores the decision with the job that it starts.</summary>
internal sealed partial class RetrainDecider(
    TrainingDbContext db, Monitoring.MonitoringClient monitoring, RetrainFactsReader reader, SharedLocks locks, JobSignal signal, TimeProvider time, ILogger<RetrainDecider> logger)
{
    /// <summary>Decides for each pipeline that makes the alert's model; a transition that was decided finally is left alone.</summary>
    public async Task DecideAsync(AlertSignal alert, CancellationToken cancellationToken)
    {
        var pipelines = await db.PipelineVersions.AsNoTracking()
            .Where(pipeline => pipeline.Workspace == alert.Workspace && pipeline.IsNewest && pipeline.Model == alert.Model && pipeline.RetrainsOnAlert)
            .OrderBy(pipeline => pipeline.Name)
            .ToListAsync(cancellationToken);
        foreach (var pipeline in pipelines)
        {
            await DecideAsync(alert, pipeline, cancellationToken);
        }
    }

    private async Task DecideAsync(AlertSignal alert, PipelineVersion pipeline, CancellationToken cancellationToken)
    {
        using var activity = TrainingTelemetry.Activities.StartActivity("decide on retraining", ActivityKind.Internal, alert.TraceParent);
        activity?.SetTag("mlopslearn.alert", alert.AlertId).SetTag("mlopslearn.pipeline", pipeline.Name);
        // Replicas hear of the same alert: one decides, the others then find its decision. Without the cache the database lets only one of them store it.
        await using var turn = await locks.TakeAsync($"retrain:{pipeline.Workspace}:{pipeline.Name}", cancellationToken);
        db.ChangeTracker.Clear();
        if (PipelineReading.Parse(pipeline.Yaml).Retrain is not { } settings || await IsDecidedAsync(alert, pipeline, cancellationToken))
        {
            return;
        }

        var (isFiring, isDataBroken) = await AskMonitoringAsync(alert, cancellationToken);
        var facts = await GatherAsync(alert, pipeline, settings, isFiring, isDataBroken, cancellationToken);
        if (RetrainPolicy.Decide(facts).Action == RetrainVerdict.Retrain)
        {
            var requestId = RequestIds.Derive(alert.AlertId, alert.Sequence.ToString(CultureInfo.InvariantCulture), pipeline.Name);
            facts = await reader.WithPermissionAsync(pipeline, facts, requestId, alert.Reason, cancellationToken);
        }

        await StoreAsync(alert, pipeline, settings, facts, cancellationToken);
    }

    private Task<bool> IsDecidedAsync(AlertSignal alert, PipelineVersion pipeline, CancellationToken cancellationToken) =>
        db.Decisions.AnyAsync(
            decision => decision.Workspace == alert.Workspace && decision.AlertId == alert.AlertId && decision.Sequence == alert.Sequence
                && decision.Pipeline == pipeline.Name && !decision.IsOpen,
            cancellationToken);

    private async Task<(bool IsFiring, bool IsDataBroken)> AskMonitoringAsync(AlertSignal alert, CancellationToken cancellationToken)
    {
        var firing = await monitoring.ListAlertsAsync(
            new ListAlertsRequest { Endpoint = alert.Endpoint, State = AlertState.Firing, PageSize = 1000 },
            deadline: time.GetUtcNow().UtcDateTime.AddSeconds(10),
            cancellationToken: cancellationToken);
        return (
            firing.Alerts.Any(known => known.AlertId == alert.AlertId),
            firing.Alerts.Any(known => known.Kind == MonitorKind.MissingShare));
    }

    private async Task<RetrainFacts> GatherAsync(
        AlertSignal alert, PipelineVersion pipeline, RetrainSpecification settings, bool isFiring, bool isDataBroken, CancellationToken cancellationToken)
    {
        var facts = await reader.ReadAsync(pipeline, settings, alert.Meaning, alert.WindowEnd, cancellationToken);
        return facts with { IsFiring = isFiring, DataQualityIncidentOpen = isDataBroken, LabelledRows = alert.LabelledRows };
    }

    /// <summary>Looks at our own tables once more within the transaction: what was free when the registry was asked may be taken by now.</summary>
    private async Task StoreAsync(
        AlertSignal alert, PipelineVersion pipeline, RetrainSpecification settings, RetrainFacts facts, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
        var now = await GatherAsync(alert, pipeline, settings, facts.IsFiring, facts.DataQualityIncidentOpen, cancellationToken);
        facts = now with { Permission = facts.Permission, PermissionReason = facts.PermissionReason };
        var verdict = RetrainPolicy.Decide(facts);
        var decision = await db.Decisions.FirstOrDefaultAsync(
            known => known.Workspace == alert.Workspace && known.AlertId == alert.AlertId && known.Sequence == alert.Sequence
                && known.Pipeline == pipeline.Name,
            cancellationToken);
        if (decision is { IsOpen: false })
        {
            return;
        }

        if (decision is null)
        {
            decision = new RetrainDecision
            {
                Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D"),
                Workspace = alert.Workspace,
                Pipeline = pipeline.Name,
                Model = pipeline.Model,
                AlertId = alert.AlertId,
                Sequence = alert.Sequence,
                Trigger = new JobTrigger(JobTrigger.Alert, alert.AlertId, alert.Reason, alert.WindowEnd, alert.StoredTime),
            };
            db.Add(decision);
        }

        var isRetraining = verdict.Action == RetrainVerdict.Retrain && facts.Permission == Permission.Allowed;
        var jobId = isRetraining ? JobDesk.Enqueue(db, pipeline, decision.Trigger, InputFor(alert, settings), time).Id : "";
        decision.Decide(verdict, facts.ToDictionary(), jobId, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        TrainingTelemetry.Decided(verdict.Action);
        Log.Decided(logger, pipeline.Name, alert.AlertId, alert.Sequence, verdict.Action, verdict.Reason);
        if (isRetraining)
        {
            signal.Set();
        }
    }

    private static JobInput InputFor(AlertSignal alert, RetrainSpecification settings) => new()
    {
        Window = new WindowInput
        {
            Endpoint = alert.Endpoint,
            Start = Timestamp.FromDateTimeOffset(alert.WindowEnd - settings.Window),
            End = Timestamp.FromDateTimeOffset(alert.WindowEnd),
            AsOf = Timestamp.FromDateTimeOffset(alert.AsOf),
        },
    };

    private static partial class Log
    {
        [LoggerMessage(4201, LogLevel.Information, "Pipeline {Pipeline}, alert {AlertId} transition {Sequence}: {Action}. {Reason}")]
        public static partial void Decided(ILogger logger, string pipeline, string alertId, int sequence, string action, string reason);
    }
}
