namespace MLOpsLearn.Statistics.Quality;

/// <summary>How well probabilities match what happened.</summary>
public static class Calibration
{
    private const double Epsilon = 2.220446049250313e-16;

    /// <summary>
    /// Expected calibration error over ten bins of equal width: sum of share |mean p - mean y|. Null without rows. Biased upwards
    /// in small samples by about sqrt(bins / n) / 2.
    /// </summary>
    public static double? EqualWidth(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int bins = 10)
    {
        var (p, y, count) = (new double[bins], new double[bins], new long[bins]);
        for (var i = 0; i < probabilities.Length; i++)
        {
            var bin = Math.Clamp((int)Math.Floor(bins * probabilities[i]), 0, bins - 1);
            p[bin] += probabilities[i];
            y[bin] += outcomes[i];
            count[bin]++;
        }

        return Error(p, y, probabilities.Length);
    }

    /// <summary>The same over bins of floor(n / bins) rows by rising probability, the rest in the last; equal probabilities keep their order. Null below one row a bin.</summary>
    public static double? EqualCount(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int bins = 10)
    {
        var (values, results) = (probabilities.ToArray(), outcomes.ToArray());
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var (p, y) = (new double[bins], new double[bins]);
        var size = values.Length / bins;
        if (size == 0)
        {
            return null;
        }

        for (var i = 0; i < order.Length; i++)
        {
            var bin = Math.Min(i / size, bins - 1);
            p[bin] += values[order[i]];
            y[bin] += results[order[i]];
        }

        return Error(p, y, values.Length);
    }

    /// <summary>Mean of -ln p(truth); every probability clipped to [2.2e-16, 1 - 2.2e-16], rows renormalised. Null without rows.</summary>
    /// <param name="scores">One row of class probabilities for each truth.</param>
    /// <param name="truth">Class numbers.</param>
    public static double? LogLoss(IReadOnlyList<double[]> scores, ReadOnlySpan<int> truth)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var sum = 0.0;
        for (var i = 0; i < truth.Length; i++)
        {
            var total = 0.0;
            foreach (var score in scores[i])
            {
                total += Math.Clamp(score, Epsilon, 1 - Epsilon);
            }

            sum -= Math.Log(Math.Clamp(scores[i][truth[i]], Epsilon, 1 - Epsilon) / total);
        }

        return truth.Length == 0 ? null : sum / truth.Length;
    }

    /// <summary>Mean over rows of the sum over classes of (p - y)^2, 0 to 2. Null without rows.</summary>
    public static double? BrierSum(IReadOnlyList<double[]> scores, ReadOnlySpan<int> truth)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var sum = 0.0;
        for (var i = 0; i < truth.Length; i++)
        {
            for (var label = 0; label < scores[i].Length; label++)
            {
                var gap = scores[i][label] - (label == truth[i] ? 1 : 0);
                sum += gap * gap;
            }
        }

        return truth.Length == 0 ? null : sum / truth.Length;
    }

    private static double? Error(double[] probabilities, double[] outcomes, int rows)
    {
        var sum = 0.0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            sum += Math.Abs(probabilities[i] - outcomes[i]);
        }

        return rows == 0 ? null : sum / rows;
    }
}
