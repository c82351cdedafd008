namespace MLOpsLearn.Statistics.Quality;

/// <summary>
/// Ranking measures of scores with weights: each row counts as <c>w</c> positives and <c>1 - w</c> negatives, so labels are weights
/// 0 and 1 and calibrated probabilities are expected labels. Equal scores are one step; rows that are not finite are left out.
/// </summary>
internal sealed class ScoreCurve
{
    private readonly List<(double Positives, double Negatives)> _steps = [];

    public ScoreCurve(ReadOnlySpan<double> scores, ReadOnlySpan<double> weights)
    {
        var (sorted, weight, count) = (new double[scores.Length], new double[scores.Length], 0);
        for (var row = 0; row < scores.Length; row++)
        {
            (sorted[count], weight[count]) = (scores[row], weights[row]);
            count += double.IsFinite(scores[row]) && double.IsFinite(weights[row]) ? 1 : 0;
        }

        Array.Resize(ref sorted, count);
        Array.Resize(ref weight, count);
        Array.Sort(sorted, weight);
        for (var i = sorted.Length - 1; i >= 0;)
        {
            double positives = 0, negatives = 0, value = sorted[i];
            for (; i >= 0 && sorted[i] == value; i--)
            {
                positives += weight[i];
                negatives += 1 - weight[i];
            }

            _steps.Add((positives, negatives));
            Positives += positives;
            Negatives += negatives;
        }
    }

    public double Positives { get; }

    public double Negatives { get; }

    /// <summary>Area under the ROC curve by trapezoids, which counts ties as one half; null when a class is absent.</summary>
    public double? RocAuc()
    {
        double below = 0, area = 0;
        foreach (var (positives, negatives) in _steps)
        {
            area += negatives * (below + positives / 2);
            below += positives;
        }

        return Positives > 0 && Negatives > 0 ? area / (Positives * Negatives) : null;
    }

    /// <summary>Sum of (R_k - R_k-1) P_k; null without positives.</summary>
    public double? AveragePrecision() => Precision(static (before, now) => now);

    /// <summary>Area under the precision-recall curve by trapezoids, from precision 1 at recall 0: too optimistic.</summary>
    public double? PrecisionRecallArea() => Precision(static (before, now) => (before + now) / 2);

    /// <summary>Largest difference between the distribution functions of the two classes; null when one is absent.</summary>
    public double? KsSeparation()
    {
        double positives = 0, negatives = 0, largest = 0;
        foreach (var step in _steps)
        {
            positives += step.Positives;
            negatives += step.Negatives;
            largest = Math.Max(largest, Math.Abs(positives / Positives - negatives / Negatives));
        }

        return Positives > 0 && Negatives > 0 ? largest : null;
    }

    private double? Precision(Func<double, double, double> height)
    {
        double hits = 0, taken = 0, area = 0, before = 1;
        foreach (var (positives, negatives) in _steps)
        {
            hits += positives;
            taken += positives + negatives;
            var precision = hits / taken;
            area += positives * height(before, precision);
            before = precision;
        }

        return Positives > 0 ? area / Positives : null;
    }
}
