namespace MLOpsLearn.Statistics.Labels;

/// <summary>Label coverage of one group of predictions.</summary>
/// <param name="Name">Predicted class, or number of the score decile from 1.</param>
/// <param name="Predictions">Predictions of the group.</param>
/// <param name="Joined">Those with a label.</param>
/// <param name="Correct">Those whose label equals the prediction.</param>
public sealed record CoverageGroup(string Name, int Predictions, int Joined, int Correct)
{
    /// <summary>Joined / predictions.</summary>
    public double Coverage => (double)Joined / Predictions;
}
