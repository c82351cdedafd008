using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Messaging.Triggers;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Pipelines;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training.Triggers;

/// <summary>
/// Acts on what outsiders ask for. A request to retrain is an order, like one on the command line: every pipeline of the model obeys within its own
/// limits. News of data and alerts start only pipelines that list "external" under retrain.on.
/// </summary>
internal sealed class TriggerDesk(TrainingDbContext db, TriggerDecider decider, TriggerInputs inputs, ReconcileSignal reconcile, TimeProvider time) : ITriggerHandler
{
    private const string Consumer = "training.triggers";
    private const string External = "external";

    public async Task<TriggerAnswer> HandleAsync(OutsideTrigger trigger, CancellationToken cancellationToken)
    {
        var messageId = Guid.Parse(RequestIds.Derive(trigger.Key));
        if (await db.Set<InboxEntry>().AsNoTracking().AnyAsync(entry => entry.Consumer == Consumer && entry.MessageId == messageId, cancellationToken))
        {
            return await AgainAsync(trigger, cancellationToken);
        }

        var answer = trigger.Type switch
        {
            TriggerTypes.LabelsArrived => await LookAgainAsync(trigger, cancellationToken),
            TriggerTypes.DataAvailable => await DecideAsync(trigger, AlertMeaning.Requested, await OnDatasetAsync(trigger.Text("dataset")!, cancellationToken), cancellationToken),
            TriggerTypes.AlertExternal when trigger.Text("severity") == "info" => new TriggerAnswer(TriggerAnswer.Accepted, "Noted; an alert of severity info starts nothing."),
            TriggerTypes.AlertExternal => await DecideAsync(trigger, AlertMeaning.Quality, await OfModelAsync(trigger, mustListExternal: true, cancellationToken), cancellationToken),
            _ => await DecideAsync(trigger, AlertMeaning.Requested, await OfModelAsync(trigger, mustListExternal: false, cancellationToken), cancellationToken),
        };

        // The decisions are kept once by their own key; this only saves looking again.
        db.ChangeTracker.Clear();
        db.Add(new InboxEntry { Consumer = Consumer, MessageId = messageId, HandledAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        return answer;
    }

    /// <summary>Firing alerts and open decisions are looked at in the background; what had asked for labels is decided anew, here and now.</summary>
    private async Task<TriggerAnswer> LookAgainAsync(OutsideTrigger trigger, CancellationToken cancellationToken)
    {
        var endpoint = trigger.Text("endpoint")!;
        var model = await inputs.ModelAtAsync(endpoint, cancellationToken) ?? throw new BadTriggerException($"endpoint: '{endpoint}' is watched by nobody.");
        reconcile.Set();
        var waiting = new List<PipelineVersion>();
        foreach (var pipeline in await Newest().Where(pipeline => pipeline.Model == model).OrderBy(pipeline => pipeline.Name).ToListAsync(cancellationToken))
        {
            if (await AskedForLabelsAsync(pipeline, cancellationToken))
            {
                waiting.Add(pipeline);
            }
        }

        return waiting.Count > 0
            ? await DecideAsync(trigger, AlertMeaning.Quality, waiting, cancellationToken)
            : new TriggerAnswer(TriggerAnswer.Accepted, "Firing alerts are looked at again now; no pipeline had asked for labels.");
    }

    /// <summary>Whether the last word on the pipeline was that predictions got worse and labels were too few. Drift alone waits for monitoring's word on quality.</summary>
    private async Task<bool> AskedForLabelsAsync(PipelineVersion pipeline, CancellationToken cancellationToken)
    {
        var last = await db.Decisions.AsNoTracking().Where(decision => decision.Workspace == pipeline.Workspace && decision.Pipeline == pipeline.Name)
            .OrderByDescending(decision => decision.Id).FirstOrDefaultAsync(cancellationToken);
        return last is { Action: RetrainVerdict.RequestLabels } && last.Facts.GetValueOrDefault("meaning") == nameof(AlertMeaning.Quality);
    }

    private async Task<TriggerAnswer> DecideAsync(OutsideTrigger trigger, AlertMeaning meaning, List<PipelineVersion> pipelines, CancellationToken cancellationToken)
    {
        var decisions = new List<RetrainDecision>();
        foreach (var pipeline in pipelines)
        {
            if (await decider.DecideAsync(trigger, meaning, trigger.Text("reason") is { Length: > 0 } reason ? reason : $"Asked for by {trigger.Type}.", pipeline, cancellationToken) is { } decision)
            {
                decisions.Add(decision);
            }
        }

        return Answer(decisions, TriggerAnswer.Accepted);
    }

    /// <summary>The first answer once more, its status apart.</summary>
    private async Task<TriggerAnswer> AgainAsync(OutsideTrigger trigger, CancellationToken cancellationToken)
    {
        var decisions = await db.Decisions.AsNoTracking()
            .Where(decision => decision.Workspace == Workspaces.Default && decision.AlertId == trigger.Key).OrderBy(decision => decision.Id).ToListAsync(cancellationToken);
        return Answer(decisions, TriggerAnswer.Duplicate) with { Status = TriggerAnswer.Duplicate };
    }

    private static TriggerAnswer Answer(List<RetrainDecision> decisions, string status)
    {
        var started = decisions.Find(decision => decision.JobId.Length > 0);
        return new TriggerAnswer(
            started is not null || decisions.Count == 0 ? status : TriggerAnswer.Refused,
            decisions.Count == 0 ? "It was handled before." : string.Join(" ", decisions.Select(decision => decisions.Count == 1 ? decision.Reason : $"{decision.Pipeline}: {decision.Reason}")),
            started?.JobId);
    }

    private async Task<List<PipelineVersion>> OfModelAsync(OutsideTrigger trigger, bool mustListExternal, CancellationToken cancellationToken)
    {
        var model = trigger.Text("model")!;
        var pipelines = await Newest().Where(pipeline => pipeline.Model == model).OrderBy(pipeline => pipeline.Name).ToListAsync(cancellationToken);
        if (pipelines.Count == 0)
        {
            throw new BadTriggerException($"model: '{model}' is made by no pipeline.");
        }

        if (trigger.Text("pipeline") is { } name)
        {
            pipelines = pipelines.FindAll(pipeline => pipeline.Name == name);
            return pipelines.Count > 0 ? pipelines : throw new BadTriggerException($"pipeline: '{name}' does not make the model '{model}'.");
        }

        pipelines = mustListExternal ? pipelines.FindAll(ListsExternal) : pipelines;
        return pipelines.Count > 0
            ? pipelines
            : throw new BadTriggerException($"model: no pipeline of '{model}' lists \"{External}\" under retrain.on.");
    }

    private async Task<List<PipelineVersion>> OnDatasetAsync(string dataset, CancellationToken cancellationToken)
    {
        var pipelines = (await Newest().OrderBy(pipeline => pipeline.Name).ToListAsync(cancellationToken))
            .FindAll(pipeline => PipelineReading.Parse(pipeline.Yaml).Dataset.Name == dataset && ListsExternal(pipeline));
        return pipelines.Count > 0
            ? pipelines
            : throw new BadTriggerException($"dataset: no pipeline on '{dataset}' lists \"{External}\" under retrain.on.");
    }

    private IQueryable<PipelineVersion> Newest() => db.PipelineVersions.AsNoTracking().Where(pipeline => pipeline.Workspace == Workspaces.Default && pipeline.IsNewest);

    private static bool ListsExternal(PipelineVersion pipeline) => PipelineReading.Parse(pipeline.Yaml).Retrain?.On.Contains(External) ?? false;
}
