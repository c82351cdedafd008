using System.Diagnostics;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Training.Retraining;

/// <summary>One transition of an alert that may ask for a retraining, from the event or from monitoring's answer alike.</summary>
internal sealed record AlertSignal(
    string Workspace,
    string AlertId,
    int Sequence,
    string Endpoint,
    string Model,
    AlertMeaning Meaning,
    string Reason,
    DateTimeOffset WindowEnd,
    DateTimeOffset AsOf,
    long LabelledRows,
    DateTimeOffset StoredTime,
    string? TraceParent)
{
    /// <summary>Null when the transition asks for nothing.</summary>
    public static AlertSignal? From(AlertChanged alert) => !Asks(alert.Event) || MeaningOf(alert.Kind) is not { } meaning
        ? null
        : new AlertSignal(
            alert.Workspace, alert.AlertId, alert.Sequence, alert.Endpoint, alert.Model, meaning, alert.Reason,
            alert.WindowEnd, alert.AsOf, alert.LabelledRows, alert.StoredTime, Activity.Current?.Id);

    /// <summary>The newest transition of a firing alert that asks for something; null when it asks for nothing.</summary>
    public static AlertSignal? From(Alert alert)
    {
        var transition = alert.Transitions.LastOrDefault(transition => Asks(transition.Event));
        return alert.State != AlertState.Firing || transition?.WindowEnd is null || MeaningOf(alert.Kind.ToString()) is not { } meaning
            ? null
            : new AlertSignal(
                alert.Workspace,
                alert.AlertId,
                transition.Sequence,
                alert.Endpoint,
                alert.Model,
                meaning,
                transition.Reason.Length > 0 ? transition.Reason : alert.Reason,
                transition.WindowEnd.ToDateTimeOffset(),
                (transition.AsOf ?? transition.WindowEnd).ToDateTimeOffset(),
                transition.LabelledRows,
                (transition.Time ?? transition.WindowEnd).ToDateTimeOffset(),
                transition.TraceParent.Length > 0 ? transition.TraceParent : null);
    }

    private static bool Asks(string transition) => transition is "firing" or "refired" or "renotify";

    /// <summary>Kinds as events and as the contract spell them: "skill_drop", "skill-drop", "SkillDrop".</summary>
    private static AlertMeaning? MeaningOf(string kind) =>
        string.Concat(kind.Where(char.IsLetter)).ToLowerInvariant().Replace("monitorkind", "", StringComparison.Ordinal) switch
        {
            "drift" => AlertMeaning.Drift,
            "skilldrop" or "rmse" or "mae" => AlertMeaning.Quality,
            "missingshare" => AlertMeaning.DataQuality,
            _ => null,
        };
}
