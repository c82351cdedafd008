using MLOpsLearn.Statistics.Quality;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Quality of a binary classifier that its own calibrated probabilities promise, without any label. Valid only while P(y|x) is
/// unchanged: concept drift is invisible to it. Never draw it like a realised value, never retrain on it alone.
/// </summary>
public sealed record BinaryEstimate
{
    private BinaryEstimate(ConfusionMatrix expected, double? rocAuc, double? averagePrecision) =>
        (Expected, RocAuc, AveragePrecision) = (expected, rocAuc, averagePrecision);

    /// <summary>Expected counts; label 1 is the positive one.</summary>
    public ConfusionMatrix Expected { get; }

    /// <summary>Expected area under the ROC curve; null when a class is expected never to occur.</summary>
    public double? RocAuc { get; }

    /// <summary>Expected average precision; null when positives are expected never to occur.</summary>
    public double? AveragePrecision { get; }

    /// <summary>Estimates from calibrated probabilities; rows that are not finite are left out.</summary>
    /// <param name="scores">Uncalibrated scores: they order the rows.</param>
    /// <param name="calibrated">Calibrated probability of 1 for each row.</param>
    /// <param name="predicted">Predicted class, 0 or 1, from the uncalibrated score.</param>
    public static BinaryEstimate Estimate(ReadOnlySpan<double> scores, ReadOnlySpan<double> calibrated, ReadOnlySpan<int> predicted)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(calibrated.Length, scores.Length, nameof(calibrated));
        ArgumentOutOfRangeException.ThrowIfNotEqual(predicted.Length, scores.Length, nameof(predicted));
        var cells = new double[2, 2];
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i]) || !double.IsFinite(calibrated[i]))
            {
                continue;
            }

            cells[1, predicted[i]] += calibrated[i];
            cells[0, predicted[i]] += 1 - calibrated[i];
        }

        var curve = new ScoreCurve(scores, calibrated);
        return new(new(cells), curve.RocAuc(), curve.AveragePrecision());
    }
}
