using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.Retraining;

/// <summary>What the policy decided for one pipeline on one transition of an alert, and from what.</summary>
internal sealed class RetrainDecision
{
    public required string Id { get; init; }

    public required string Workspace { get; init; }

    public required string Pipeline { get; init; }

    public required string Model { get; init; }

    /// <summary>The alert's id, or the key of an outside trigger; a column of its own because a key can't reach into a value.</summary>
    public required string AlertId { get; init; }

    /// <summary>Number of the transition within the alert.</summary>
    public required int Sequence { get; init; }

    public required JobTrigger Trigger { get; init; }

    public string Action { get; private set; } = "";

    public string Reason { get; private set; } = "";

    public string JobId { get; private set; } = "";

    public DateTimeOffset Time { get; private set; }

    public IReadOnlyDictionary<string, string> Facts { get; private set; } = new Dictionary<string, string>();

    /// <summary>True while a later look at the same transition may come to another decision.</summary>
    public bool IsOpen { get; private set; }

    public void Decide(RetrainVerdict verdict, IReadOnlyDictionary<string, string> facts, string jobId, DateTimeOffset now)
    {
        Action = verdict.Action;
        Reason = verdict.Reason;
        IsOpen = verdict.IsOpen;
        Facts = facts;
        JobId = jobId;
        Time = now;
    }

    public Decision ToProto()
    {
        var view = new Decision
        {
            DecisionId = Id,
            Pipeline = Pipeline,
            Model = Model,
            Trigger = Trigger.ToProto(),
            Action = Action,
            Reason = Reason,
            JobId = JobId,
            Time = Timestamp.FromDateTimeOffset(Time),
            Workspace = Workspace,
            AlertSequence = Sequence,
        };
        view.Facts.Add(new Dictionary<string, string>(Facts));
        return view;
    }
}
