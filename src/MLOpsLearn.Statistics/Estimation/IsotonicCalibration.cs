using MLOpsLearn.Statistics.Quality;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Isotonic regression of outcomes on scores by pooling adjacent violators. Equal scores are averaged first. Predicts by linear
/// interpolation between the kept knots and clips outside them. Immutable once fitted.
/// </summary>
public sealed class IsotonicCalibration
{
    private readonly double[] _x;
    private readonly double[] _y;

    private IsotonicCalibration(double[] x, double[] y) => (_x, _y) = (x, y);

    /// <summary>Scores of the knots, ascending.</summary>
    public IReadOnlyList<double> KnotScores => _x;

    /// <summary>Calibrated values of the knots, not descending.</summary>
    public IReadOnlyList<double> KnotValues => _y;

    /// <summary>Fits at least one row; rows that are not finite are left out.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="outcomes">Outcome of each score, usually 0 or 1.</param>
    /// <exception cref="ArgumentException">The two differ in length, or no row is finite.</exception>
    public static IsotonicCalibration Fit(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcomes)
    {
        var (kept, results) = Correlation.Complete(scores, outcomes);
        ArgumentOutOfRangeException.ThrowIfZero(kept.Length, nameof(scores));
        var (x, y, weight) = AverageEqual(kept, results);
        Pool(y, weight);
        return Trimmed(x, y);
    }

    /// <summary>The calibrated value of a score; NaN for NaN.</summary>
    public double Predict(double score)
    {
        if (double.IsNaN(score))
        {
            return double.NaN;
        }

        if (score <= _x[0])
        {
            return _y[0];
        }

        if (score >= _x[^1])
        {
            return _y[^1];
        }

        var found = Array.BinarySearch(_x, score);
        if (found >= 0)
        {
            return _y[found];
        }

        var right = ~found;
        var slope = (_y[right] - _y[right - 1]) / (_x[right] - _x[right - 1]);
        return slope * (score - _x[right - 1]) + _y[right - 1];
    }

    /// <summary>The calibrated values of many scores.</summary>
    public double[] Predict(ReadOnlySpan<double> scores)
    {
        var values = new double[scores.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Predict(scores[i]);
        }

        return values;
    }

    private static (List<double> X, List<double> Y, List<double> Weight) AverageEqual(double[] scores, double[] outcomes)
    {
        Array.Sort(scores, outcomes);
        var (x, y, weight) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < scores.Length;)
        {
            double sum = 0, value = scores[i];
            var start = i;
            for (; i < scores.Length && scores[i] == value; i++)
            {
                sum += outcomes[i];
            }

            x.Add(value);
            y.Add(sum / (i - start));
            weight.Add(i - start);
        }

        return (x, y, weight);
    }

    private static void Pool(List<double> y, List<double> weight)
    {
        var blocks = new List<(double Sum, double Weight, int Count)>(y.Count);
        for (var i = 0; i < y.Count; i++)
        {
            var block = (Sum: y[i] * weight[i], Weight: weight[i], Count: 1);
            while (blocks.Count > 0 && blocks[^1].Sum / blocks[^1].Weight >= block.Sum / block.Weight)
            {
                var before = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                block = (before.Sum + block.Sum, before.Weight + block.Weight, before.Count + block.Count);
            }

            blocks.Add(block);
        }

        var next = 0;
        foreach (var (sum, total, count) in blocks)
        {
            for (var i = 0; i < count; i++)
            {
                y[next++] = sum / total;
            }
        }
    }

    // Inner points of a level stretch carry no information.
    private static IsotonicCalibration Trimmed(List<double> x, List<double> y)
    {
        var (knots, values) = (new List<double>(), new List<double>());
        for (var i = 0; i < x.Count; i++)
        {
            if (i == 0 || i == x.Count - 1 || y[i] != y[i - 1] || y[i] != y[i + 1])
            {
                knots.Add(x[i]);
                values.Add(y[i]);
            }
        }

        return new([.. knots], [.. values]);
    }
}
