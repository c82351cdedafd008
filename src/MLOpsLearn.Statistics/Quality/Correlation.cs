using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Quality;

/// <summary>Correlation of two series of equal length.</summary>
public static class Correlation
{
    /// <summary>Pearson's r, -1 to 1, over the pairs that are both finite; null when a side is constant or has fewer than two values.</summary>
    public static double? Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var (left, right) = Complete(x, y);
        return PearsonOfComplete(left, right);
    }

    /// <summary>Pearson's r of midranks, over the pairs that are both finite.</summary>
    public static double? Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var (left, right) = Complete(x, y);
        return PearsonOfComplete(Midranks(left), Midranks(right));
    }

    internal static (double[] X, double[] Y) Complete(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"{x.Length} values do not match {y.Length}.", nameof(y));
        }

        var (left, right, count) = (new double[x.Length], new double[x.Length], 0);
        for (var i = 0; i < x.Length; i++)
        {
            (left[count], right[count]) = (x[i], y[i]);
            count += double.IsFinite(x[i]) && double.IsFinite(y[i]) ? 1 : 0;
        }

        return (left[..count], right[..count]);
    }

    private static double? PearsonOfComplete(double[] x, double[] y)
    {
        Moments a = Moments.Of(x), b = Moments.Of(y);
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            sum += (x[i] - a.Mean) * (y[i] - b.Mean);
        }

        var r = sum / Math.Sqrt(a.M2) / Math.Sqrt(b.M2);
        return x.Length < 2 || !double.IsFinite(r) ? null : Math.Clamp(r, -1, 1);
    }

    private static double[] Midranks(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        var order = new int[sorted.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(sorted, order);
        var ranks = new double[sorted.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            for (var i = start; i < end; i++)
            {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }

            start = end;
        }

        return ranks;
    }
}
