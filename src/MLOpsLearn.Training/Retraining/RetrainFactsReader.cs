using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;

namespace MLOpsLearn.Training.Retraining;

/// <summary>Reads what a decision rests on: the pipeline's jobs from our tables, the permission from the registry.</summary>
internal sealed class RetrainFactsReader(TrainingDbContext db, Registry.RegistryClient registry, TimeProvider time)
{
    private static readonly TimeSpan BudgetPeriod = TimeSpan.FromHours(24);
    private static readonly TimeSpan RegistryPatience = TimeSpan.FromSeconds(10);

    /// <summary>The facts of the pipeline's own past; what the trigger says is left for the caller to add.</summary>
    public async Task<RetrainFacts> ReadAsync(
        PipelineVersion pipeline, RetrainSpecification settings, AlertMeaning meaning, DateTimeOffset eventTime, CancellationToken cancellationToken)
    {
        var jobs = db.Jobs.AsNoTracking().Where(job => job.Workspace == pipeline.Workspace && job.Pipeline == pipeline.Name);
        var since = time.GetUtcNow() - BudgetPeriod;
        return new RetrainFacts
        {
            Meaning = meaning,
            IsFiring = true,
            DataQualityIncidentOpen = false,
            JobsInFlight = await jobs.Where(job => job.State == JobState.Queued || job.State == JobState.Running)
                .OrderBy(job => job.Id).Select(job => job.Id).Take(settings.MaxInFlight).ToListAsync(cancellationToken),
            MaxInFlight = settings.MaxInFlight,
            EventTime = eventTime,
            // An outside trigger's clock may run years ahead of a replayed alert's: it counts only for what comes after it.
            LastRetraining = await jobs
                .Where(job => job.State == JobState.Succeeded
                    && (job.Trigger.Kind == JobTrigger.Alert || (job.Trigger.Kind == JobTrigger.External && job.Trigger.Time <= eventTime)))
                .MaxAsync(job => (DateTimeOffset?)job.Trigger.Time, cancellationToken),
            CoolDown = settings.CoolDown,
            MaxAge = settings.MaxAge,
            JobsToday = await jobs.CountAsync(job => job.Trigger.Kind != JobTrigger.Manual && job.CreateTime > since, cancellationToken),
            DailyBudget = settings.DailyBudget,
            LabelledRows = 0,
            MinLabelledRows = settings.MinLabelledRows,
        };
    }

    /// <summary>Asks whether a freeze holds automatic actions back; no answer is no permission.</summary>
    /// <param name="pipeline">Whose model.</param>
    /// <param name="facts">The facts so far.</param>
    /// <param name="requestId">Follows from the trigger, so that the registry records one refusal for one trigger.</param>
    /// <param name="reason">What the freeze's record says would have been done, and why.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RetrainFacts> WithPermissionAsync(
        PipelineVersion pipeline, RetrainFacts facts, string requestId, string reason, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await registry.AuthorizeAutomationAsync(
                new AuthorizeAutomationRequest
                {
                    RequestId = requestId,
                    Model = pipeline.Model,
                    Action = "retrain",
                    Description = $"would have retrained {pipeline.Model} because {reason}",
                },
                deadline: time.GetUtcNow().UtcDateTime.Add(RegistryPatience),
                cancellationToken: cancellationToken);
            return facts with { Permission = answer.Allowed ? Permission.Allowed : Permission.Frozen, PermissionReason = answer.Reason };
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return facts with { Permission = Permission.NoAnswer, PermissionReason = exception.Status.Detail };
        }
    }
}
