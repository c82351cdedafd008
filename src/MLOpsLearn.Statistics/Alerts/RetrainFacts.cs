namespace MLOpsLearn.Statistics.Alerts;

/// <summary>What is known of a model when its retraining is decided. Store it with the decision.</summary>
public sealed record RetrainFacts
{
    /// <summary>Whether the columns of the data broke their schema.</summary>
    public bool SchemaBreak { get; init; }

    /// <summary>Share of values that are not of their declared type, 0 to 1.</summary>
    public double TypeViolationShare { get; init; }

    /// <summary>Whether an incident about missing values is open.</summary>
    public bool MissingShareIncident { get; init; }

    /// <summary>Time since the last retrain; null when there was none.</summary>
    public TimeSpan? SinceLastRetrain { get; init; }

    /// <summary>Whether a retrain is running.</summary>
    public bool RetrainRunning { get; init; }

    /// <summary>Automatic retrains within the last seven days.</summary>
    public int AutomaticRetrainsThisWeek { get; init; }

    /// <summary>Whether an incident of a realised metric, final or provisional, is firing.</summary>
    public bool RealisedMetricFiring { get; init; }

    /// <summary>Whether a realised metric is final and inside its limits.</summary>
    public bool RealisedMetricFinalAndInside { get; init; }

    /// <summary>Predictions joined with a label.</summary>
    public long JoinedLabels { get; init; }

    /// <summary>Labelled rows that could serve as a validation set.</summary>
    public long ValidationLabels { get; init; }

    /// <summary>Whether an incident of an estimated metric is firing.</summary>
    public bool EstimatedMetricFiring { get; init; }

    /// <summary>Whether a drift incident is firing.</summary>
    public bool DriftFiring { get; init; }

    /// <summary>Share of feature importance that the drifted columns hold, 0 to 1.</summary>
    public double DriftedImportance { get; init; }

    /// <summary>Age of the model.</summary>
    public TimeSpan ModelAge { get; init; }

    /// <summary>Labelled rows that arrived since the training.</summary>
    public long NewLabelledRows { get; init; }

    /// <summary>Rows of the training set.</summary>
    public long TrainingRows { get; init; }
}
