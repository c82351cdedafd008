namespace MLOpsLearn.Statistics.Alerts;

/// <summary>Which side of the limit is bad.</summary>
public enum AlertDirection
{
    /// <summary>Breach when the value lies above the limit.</summary>
    Above,

    /// <summary>Breach when the value lies below the limit.</summary>
    Below,
}
