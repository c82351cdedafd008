namespace MLOpsLearn.Statistics.Labels;

/// <summary>How far the labels of a window can be trusted.</summary>
public enum JoinStatus
{
    /// <summary>Too few labels (insufficient_labels).</summary>
    Undefined,

    /// <summary>Enough labels, more may come.</summary>
    Provisional,

    /// <summary>No more labels can join, or all have.</summary>
    Final,
}
