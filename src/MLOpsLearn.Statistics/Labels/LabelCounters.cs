namespace MLOpsLearn.Statistics.Labels;

/// <summary>What happened to the entries of the logs; each entry counts at most once.</summary>
public sealed record LabelCounters
{
    /// <summary>Same prediction again.</summary>
    public long DuplicatePrediction { get; internal set; }

    /// <summary>Same prediction id with other content: the first is kept.</summary>
    public long ConflictingPrediction { get; internal set; }

    /// <summary>Labels waiting for their prediction.</summary>
    public long Waiting { get; internal set; }

    /// <summary>Labels whose prediction did not come in time.</summary>
    public long Orphan { get; internal set; }

    /// <summary>Labels after the horizon.</summary>
    public long TooLate { get; internal set; }

    /// <summary>Same value again, or a label retracted twice.</summary>
    public long DuplicateLabel { get; internal set; }

    /// <summary>Another value of higher order.</summary>
    public long Correction { get; internal set; }

    /// <summary>Another value of lower order, or nothing to retract.</summary>
    public long StaleLabel { get; internal set; }

    /// <summary>Labels removed.</summary>
    public long Retracted { get; internal set; }

    /// <summary>Values that are no class.</summary>
    public long InvalidLabel { get; internal set; }
}
