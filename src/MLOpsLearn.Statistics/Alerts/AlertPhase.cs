namespace MLOpsLearn.Statistics.Alerts;

/// <summary>State of a monitor.</summary>
public enum AlertPhase
{
    /// <summary>Within limits.</summary>
    Ok,

    /// <summary>Breached, not often enough yet.</summary>
    Pending,

    /// <summary>Alarm.</summary>
    Firing,

    /// <summary>Nothing to judge for several evaluations.</summary>
    NoData,
}
