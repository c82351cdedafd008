namespace MLOpsLearn.Statistics.Alerts;

/// <summary>Names of states and events as they appear on the wire.</summary>
public static class AlertNames
{
    /// <summary>For example <c>no_data</c>.</summary>
    public static string WireName(this AlertPhase phase) => phase switch
    {
        AlertPhase.Ok => "ok",
        AlertPhase.Pending => "pending",
        AlertPhase.Firing => "firing",
        AlertPhase.NoData => "no_data",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, null),
    };

    /// <summary>For example <c>data_back</c>.</summary>
    public static string WireName(this AlertEvent @event) => @event switch
    {
        AlertEvent.Pending => "pending",
        AlertEvent.Cancelled => "cancelled",
        AlertEvent.Firing => "firing",
        AlertEvent.Refired => "refired",
        AlertEvent.Renotify => "renotify",
        AlertEvent.Resolved => "resolved",
        AlertEvent.NoData => "no_data",
        AlertEvent.DataBack => "data_back",
        _ => throw new ArgumentOutOfRangeException(nameof(@event), @event, null),
    };

    /// <summary>For example <c>request-labels</c>.</summary>
    public static string WireName(this RetrainDecision decision) => decision switch
    {
        RetrainDecision.Keep => "keep",
        RetrainDecision.Block => "block",
        RetrainDecision.Wait => "wait",
        RetrainDecision.Retrain => "retrain",
        RetrainDecision.RequestLabels => "request-labels",
        RetrainDecision.Watch => "watch",
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, null),
    };
}
