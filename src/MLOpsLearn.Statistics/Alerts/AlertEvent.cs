namespace MLOpsLearn.Statistics.Alerts;

/// <summary>What one evaluation caused.</summary>
public enum AlertEvent
{
    /// <summary>First breach.</summary>
    Pending,

    /// <summary>Back before it fired.</summary>
    Cancelled,

    /// <summary>Enough breaches in a row.</summary>
    Firing,

    /// <summary>Fired within the cooldown after it resolved: the same incident.</summary>
    Refired,

    /// <summary>Still firing after the interval of repetition.</summary>
    Renotify,

    /// <summary>Enough clear values in a row.</summary>
    Resolved,

    /// <summary>Undefined too often in a row.</summary>
    NoData,

    /// <summary>A value after missing data.</summary>
    DataBack,
}
