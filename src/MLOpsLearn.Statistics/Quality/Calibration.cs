using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;

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
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var (p, y, rows) = (new double[bins], new double[bins], 0);
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (!double.IsFinite(probabilities[i]) || !double.IsFinite(outcomes[i]))
            {
                continue;
            }

            rows++;
            var bin = Math.Clamp((int)Math.Floor(bins * probabilities[i]), 0, bins - 1);
            p[bin] += probabilities[i];
            y[bin] += outcomes[i];
        }

        return Error(p, y, rows);
    }

    /// <summary>The same over bins of floor(n / bins) rows by rising probability, the rest in the last; equal probabilities keep their order. Null below one row a bin.</summary>
    public static double? EqualCount(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var (values, results) = Correlation.Complete(probabilities, outcomes);
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

    /// <summary>
    /// The ECE that perfectly calibrated probabilities show by chance: the quantile over draws of outcomes from the probabilities
    /// themselves. An ECE below it is no evidence against the calibration. Null without rows.
    /// </summary>
    /// <param name="probabilities">0 to 1; rows that are not finite are left out.</param>
    /// <param name="probability">Which quantile, 0 to 1.</param>
    /// <param name="draws">Number of draws, at least 1.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="bins">Bins of equal width.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    public static double? NullQuantile(
        ReadOnlySpan<double> probabilities, double probability = 0.95, int draws = 200, ulong seed = 1, int bins = 10,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        var (p, _) = Correlation.Complete(probabilities, probabilities);
        if (p.Length == 0)
        {
            return null;
        }

        var random = new SeededRandom(seed);
        var (errors, outcomes) = (new double[draws], new double[p.Length]);
        for (var draw = 0; draw < draws; draw++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < p.Length; i++)
            {
                outcomes[i] = random.NextDouble() < p[i] ? 1 : 0;
            }

            errors[draw] = EqualWidth(p, outcomes, bins)!.Value;
        }

        return NumericSample.Create(errors).Quantile(probability);
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
