using System.Data;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Messaging.Caching;
using MLOpsLearn.Messaging.Triggers;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training.Triggers;

/// <summary>Decides for one pipeline on an outside trigger, by the same policy as on an alert, and stores the decision with the job that it starts.</summary>
internal sealed class TriggerDecider(TrainingDbContext db, RetrainFactsReader reader, TriggerInputs inputs, SharedLocks locks, JobSignal signal, TimeProvider time)
{
    private const int OnlyTransition = 1;

    /// <summary>Null when the pipeline has decided on this trigger already.</summary>
    public async Task<RetrainDecision?> DecideAsync(OutsideTrigger trigger, AlertMeaning meaning, string reason, PipelineVersion pipeline, CancellationToken cancellationToken)
    {
        await using var turn = await locks.TakeAsync($"retrain:{pipeline.Workspace}:{pipeline.Name}", cancellationToken);
        db.ChangeTracker.Clear();
        if (await FindAsync(trigger.Key, pipeline.Name, cancellationToken) is { } known)
        {
            return known;
        }

        var specification = PipelineReading.Parse(pipeline.Yaml);
        var settings = specification.Retrain ?? new RetrainSpecification { On = [] };
        var input = await InputAsync(trigger, meaning, specification, settings, pipeline, cancellationToken);
        var eventTime = input?.WindowEnd ?? trigger.Time;
        var facts = await ReadAsync();
        var verdict = Judge(facts, input);
        if (verdict.Action == RetrainVerdict.Retrain)
        {
            facts = await reader.WithPermissionAsync(pipeline, facts, RequestIds.Derive(trigger.Key, pipeline.Name), reason, cancellationToken);
        }

        // What was free when the registry was asked may be taken by now.
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.Serializable, cancellationToken);
        facts = (await ReadAsync()) with { Permission = facts.Permission, PermissionReason = facts.PermissionReason };
        verdict = Judge(facts, input);
        var decision = new RetrainDecision
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("D"),
            Workspace = pipeline.Workspace,
            Pipeline = pipeline.Name,
            Model = pipeline.Model,
            AlertId = trigger.Key,
            Sequence = OnlyTransition,
            Trigger = new JobTrigger(JobTrigger.External, trigger.Id, reason, eventTime, time.GetUtcNow()),
        };
        var isRetraining = verdict.Action == RetrainVerdict.Retrain && facts.Permission == Permission.Allowed;
        var jobId = isRetraining ? JobDesk.Enqueue(db, pipeline, decision.Trigger, input!.Input, time).Id : "";
        // Nobody looks at an outside trigger again: its sender was answered.
        decision.Decide(verdict with { IsOpen = false }, facts.ToDictionary(), jobId, time.GetUtcNow());
        db.Add(decision);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        TrainingTelemetry.Decided(verdict.Action);
        if (isRetraining)
        {
            signal.Set();
        }

        return decision;

        async Task<RetrainFacts> ReadAsync() =>
            (await reader.ReadAsync(pipeline, settings, meaning, eventTime, cancellationToken)) with { LabelledRows = input?.LabelledRows ?? 0 };
    }

    public Task<RetrainDecision?> FindAsync(string key, string pipeline, CancellationToken cancellationToken) =>
        db.Decisions.AsNoTracking().FirstOrDefaultAsync(
            decision => decision.Workspace == Workspaces.Default && decision.AlertId == key && decision.Sequence == OnlyTransition && decision.Pipeline == pipeline,
            cancellationToken);

    private static RetrainVerdict Judge(RetrainFacts facts, TriggerInput? input) => input is null
        ? new RetrainVerdict(RetrainVerdict.RequestLabels, "There is nothing to train on: the trigger names nothing, monitoring has no labelled window of the model, and the specification names no files.")
        : RetrainPolicy.Decide(facts);

    /// <summary>What the trigger names; else the newest labelled window; else, when it was asked for outright, what the specification names.</summary>
    private async Task<TriggerInput?> InputAsync(
        OutsideTrigger trigger, AlertMeaning meaning, PipelineSpecification specification, RetrainSpecification settings, PipelineVersion pipeline, CancellationToken cancellationToken)
    {
        if (inputs.Named(trigger) is { } named)
        {
            return named;
        }

        if (await inputs.NewestWindowAsync(pipeline.Model, settings, cancellationToken) is { } window)
        {
            return window;
        }

        return meaning == AlertMeaning.Requested && specification.Dataset.Files.Count > 0
            ? new TriggerInput(new JobInput { Files = new Files { Uris = { specification.Dataset.Files } } }, null, 0)
            : null;
    }
}
