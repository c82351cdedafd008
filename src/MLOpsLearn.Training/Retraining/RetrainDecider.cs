using System.Data;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;

namespace MLOpsLearn.Training.Retraining;

/// <summary>Gathers the facts of an alert's transition, decides, and stores the decision with the job that it starts.</summary>
internal sealed partial class RetrainDecider(
    TrainingDbContext db, Monitoring.MonitoringClient monitoring, Registry.RegistryClient registry, JobSignal signal, TimeProvider time, ILogger<RetrainDecider> logger)
{
    private static readonly TimeSpan BudgetPeriod = TimeSpan.FromHours(24);

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
        db.ChangeTracker.Clear();
        if (PipelineReading.Parse(pipeline.Yaml).Retrain is not { } settings || await IsDecidedAsync(alert, pipeline, cancellationToken))
        {
            return;
        }

        var (isFiring, isDataBroken) = await AskMonitoringAsync(alert, cancellationToken);
        var facts = await GatherAsync(alert, pipeline, settings, isFiring, isDataBroken, cancellationToken);
        if (RetrainPolicy.Decide(facts).Action == RetrainVerdict.Retrain)
        {
            facts = await AskRegistryAsync(alert, pipeline, facts, cancellationToken);
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
        var jobs = db.Jobs.AsNoTracking().Where(job => job.Workspace == pipeline.Workspace && job.Pipeline == pipeline.Name);
        var since = time.GetUtcNow() - BudgetPeriod;
        return new RetrainFacts
        {
            Meaning = alert.Meaning,
            IsFiring = isFiring,
            DataQualityIncidentOpen = isDataBroken,
            JobsInFlight = await jobs.Where(job => job.State == JobState.Queued || job.State == JobState.Running)
                .OrderBy(job => job.Id).Select(job => job.Id).Take(settings.MaxInFlight).ToListAsync(cancellationToken),
            MaxInFlight = settings.MaxInFlight,
            EventTime = alert.WindowEnd,
            LastRetraining = await jobs.Where(job => job.State == JobState.Succeeded && job.Trigger.Kind != JobTrigger.Manual)
                .MaxAsync(job => (DateTimeOffset?)job.Trigger.Time, cancellationToken),
            CoolDown = settings.CoolDown,
            MaxAge = settings.MaxAge,
            JobsToday = await jobs.CountAsync(job => job.Trigger.Kind != JobTrigger.Manual && job.CreateTime > since, cancellationToken),
            DailyBudget = settings.DailyBudget,
            LabelledRows = alert.LabelledRows,
            MinLabelledRows = settings.MinLabelledRows,
        };
    }

    private async Task<RetrainFacts> AskRegistryAsync(AlertSignal alert, PipelineVersion pipeline, RetrainFacts facts, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await registry.AuthorizeAutomationAsync(
                new AuthorizeAutomationRequest
                {
                    RequestId = RequestIds.Derive(alert.AlertId, alert.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), pipeline.Name),
                    Model = pipeline.Model,
                    Action = "retrain",
                    Description = $"would have retrained {pipeline.Model} because {alert.Reason}",
                },
                deadline: time.GetUtcNow().UtcDateTime.AddSeconds(10),
                cancellationToken: cancellationToken);
            return facts with { Permission = answer.Allowed ? Permission.Allowed : Permission.Frozen, PermissionReason = answer.Reason };
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return facts with { Permission = Permission.NoAnswer, PermissionReason = exception.Status.Detail };
        }
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
        TrainingTelemetry.Decisions.Add(1, new KeyValuePair<string, object?>("action", verdict.Action));
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
