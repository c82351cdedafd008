namespace MLOpsLearn.Statistics.Alerts;

/// <summary>
/// Decides after an evaluation whether a model is trained anew: the first row of the policy whose condition holds wins. A pure function
/// of the facts. Promotion of what was trained is another decision (<see cref="Verdicts.PairedTests"/>).
/// </summary>
public sealed record RetrainPolicy
{
    /// <summary>Youngest age of the last retrain at which another may start; 24 hours.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Age at which a model is retrained on schedule; null never.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Fewest labels that a decision may rest on; 30.</summary>
    public long MinLabels { get; init; } = 30;

    /// <summary>Largest share of type violations that training data may have; 1 %.</summary>
    public double MaxTypeViolationShare { get; init; } = 0.01;

    /// <summary>Smallest share of feature importance in drifted columns that makes drift and a bad estimate a reason; 30 %.</summary>
    public double MinDriftedImportance { get; init; } = 0.3;

    /// <summary>New labelled rows / training rows that a scheduled retrain wants; 20 %.</summary>
    public double MinNewRowShare { get; init; } = 0.2;

    /// <summary>Automatic retrains a week without a person; 3.</summary>
    public int MaxAutomaticPerWeek { get; init; } = 3;

    /// <summary>Decides.</summary>
    /// <returns>The decision and the row of the policy (1 to 8) that made it.</returns>
    public (RetrainDecision Decision, int Row) Decide(RetrainFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (facts.SchemaBreak || facts.TypeViolationShare > MaxTypeViolationShare || facts.MissingShareIncident)
        {
            return (RetrainDecision.Block, 1);
        }

        // The weekly limit is of the same kind as the interval: what would train now waits, or asks a person.
        if (facts.RetrainRunning || facts.SinceLastRetrain < MinInterval || facts.AutomaticRetrainsThisWeek >= MaxAutomaticPerWeek)
        {
            return (RetrainDecision.Wait, 2);
        }

        if (facts.RealisedMetricFiring && facts.JoinedLabels >= MinLabels)
        {
            return (RetrainDecision.Retrain, 3);
        }

        var canValidate = facts.ValidationLabels >= MinLabels;
        if (facts.EstimatedMetricFiring && facts.DriftFiring && facts.DriftedImportance >= MinDriftedImportance && canValidate)
        {
            return (RetrainDecision.Retrain, 4);
        }

        if ((facts.EstimatedMetricFiring || facts.DriftFiring) && !canValidate)
        {
            return (RetrainDecision.RequestLabels, 5);
        }

        if (facts.DriftFiring && !facts.EstimatedMetricFiring && facts.RealisedMetricFinalAndInside)
        {
            return (RetrainDecision.Watch, 6);
        }

        return facts.ModelAge > MaxAge && facts.NewLabelledRows >= MinNewRowShare * facts.TrainingRows
            ? (RetrainDecision.Retrain, 7)
            : (RetrainDecision.Keep, 8);
    }
}
