using System.Runtime.Intrinsics;
using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// Epps-Singleton test on the empirical characteristic function at 0.4 and 0.8; sensitive to shape as well as to place.
/// Needs five values a side and a pooled inter-quartile range above 0. Source: Epps and Singleton (1986), Goerg and Kaiser (2009).
/// </summary>
public static class EppsSingleton
{
    /// <summary>The usual two points.</summary>
    public const string Standard = "epps-singleton(t=0.4|0.8)";

    private const int Terms = 4;

    /// <summary>The p-value comes from the chi-squared law with the rank of the covariance as degrees of freedom.</summary>
    public static MethodResult Test(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Standard, reason);
        }

        double n = pair.Reference.Count, m = pair.Current.Count, total = n + m;
        if (Math.Min(n, m) < 5)
        {
            return MethodResult.Without(Standard, UndefinedReason.TooFew);
        }

        var spread = (PooledQuantile(pair, 0.75) - PooledQuantile(pair, 0.25)) / 2;
        if (!(spread > 0) || !double.IsFinite(spread) || !double.IsFinite(0.4 / spread))
        {
            return MethodResult.Without(Standard, spread == 0 ? UndefinedReason.ZeroIqr : UndefinedReason.NotFinite);
        }

        // Two different constants: their characteristic functions differ without any variance.
        if (pair.Sweep.Distinct == 2 && pair.Reference.Distinct == 1 && pair.Current.Distinct == 1)
        {
            return MethodResult.Of(Standard, double.PositiveInfinity, 0);
        }

        var (meanR, covarianceR) = Characteristic(pair.Reference.Sorted, spread);
        var (meanC, covarianceC) = Characteristic(pair.Current.Sorted, spread);
        var covariance = new double[Terms, Terms];
        for (var i = 0; i < Terms; i++)
        {
            for (var j = 0; j < Terms; j++)
            {
                covariance[i, j] = total / n * covarianceR[i, j] + total / m * covarianceC[i, j];
            }
        }

        // K distinct values vary in K - 1 directions; what the covariance shows beyond is rounding noise, no degree of freedom.
        var directions = Math.Min(pair.Sweep.Distinct - 1, pair.Reference.Distinct - 1 + pair.Current.Distinct - 1);
        var (w, rank) = QuadraticForm(covariance, [.. meanR.Zip(meanC, (a, b) => a - b)], Math.Min(Terms, directions));
        w *= total;
        if (Math.Max(n, m) < 25)
        {
            w /= 1 + Math.Pow(total, -0.45) + 10.1 * (Math.Pow(n, -1.7) + Math.Pow(m, -1.7));
        }

        return rank == 0 ? MethodResult.Without(Standard, UndefinedReason.NotFinite) : MethodResult.Of(Standard, w, UpperTail.ChiSquared(w, rank));
    }

    private static (double Value, int Rank) QuadraticForm(double[,] covariance, double[] difference, long directions)
    {
        var (values, vectors) = SymmetricEigen.Decompose(covariance);
        double sum = 0;
        var rank = 0;

        // The cut of the usual pseudo-inverse.
        for (; rank < directions && values[rank] > 1e-15 * values[0]; rank++)
        {
            var projection = vectors[rank].Zip(difference, (a, b) => a * b).Sum();
            sum += projection * projection / values[rank];
        }

        return (sum, rank);
    }

    // Means and population covariances of cos tx, cos 2tx, sin tx, sin 2tx; the doubled angle comes from the single one.
    private static (double[] Mean, double[,] Covariance) Characteristic(ReadOnlySpan<double> values, double spread)
    {
        var t = 0.4 / spread;
        var sums = new double[Terms];
        var products = new double[Terms, Terms];
        var pivot = Row(values[values.Length / 2] * t);
        var first = new Vector256<double>[Terms];
        var second = new Vector256<double>[Terms * Terms];
        var width = Vector256<double>.Count;
        var g = new Vector256<double>[Terms];
        var i = 0;
        for (; i + width <= values.Length; i += width)
        {
            var (sin, cos) = Vector256.SinCos(Vector256.Create(values.Slice(i, width)) * t);
            g[0] = cos - Vector256.Create(pivot[0]);
            g[1] = 2 * cos * cos - Vector256<double>.One - Vector256.Create(pivot[1]);
            g[2] = sin - Vector256.Create(pivot[2]);
            g[3] = 2 * sin * cos - Vector256.Create(pivot[3]);
            for (var a = 0; a < Terms; a++)
            {
                first[a] += g[a];
                for (var b = a; b < Terms; b++)
                {
                    second[a * Terms + b] += g[a] * g[b];
                }
            }
        }

        for (var a = 0; a < Terms; a++)
        {
            sums[a] = Vector256.Sum(first[a]);
            for (var b = a; b < Terms; b++)
            {
                products[a, b] = Vector256.Sum(second[a * Terms + b]);
            }
        }

        for (; i < values.Length; i++)
        {
            var row = Row(values[i] * t);
            for (var a = 0; a < Terms; a++)
            {
                sums[a] += row[a] - pivot[a];
                for (var b = a; b < Terms; b++)
                {
                    products[a, b] += (row[a] - pivot[a]) * (row[b] - pivot[b]);
                }
            }
        }

        double n = values.Length;
        var mean = new double[Terms];
        var covariance = new double[Terms, Terms];
        for (var a = 0; a < Terms; a++)
        {
            mean[a] = pivot[a] + sums[a] / n;
            for (var b = a; b < Terms; b++)
            {
                covariance[a, b] = covariance[b, a] = products[a, b] / n - sums[a] / n * (sums[b] / n);
            }
        }

        return (mean, covariance);
    }

    private static double[] Row(double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        return [cos, 2 * cos * cos - 1, sin, 2 * sin * cos];
    }

    private static double PooledQuantile(NumericPair pair, double probability)
    {
        var position = ((double)pair.Reference.Count + pair.Current.Count - 1) * probability;
        var below = (long)position;
        var left = PooledValue(pair, below);
        var fraction = position - below;
        return fraction == 0 ? left : left + fraction * (PooledValue(pair, below + 1) - left);
    }

    // The value of a 0-based rank in the union of two sorted samples, by bisection on how many come from the first.
    private static double PooledValue(NumericPair pair, long rank)
    {
        var a = pair.Reference.Sorted;
        var b = pair.Current.Sorted;
        var low = Math.Max(0, rank + 1 - b.Length);
        var high = Math.Min(a.Length, rank + 1);
        while (low < high)
        {
            var taken = (low + high) / 2;
            (low, high) = a[(int)taken] < b[(int)(rank - taken)] ? (taken + 1, high) : (low, taken);
        }

        var fromA = low > 0 ? a[(int)(low - 1)] : double.NegativeInfinity;
        var rest = rank + 1 - low;
        return Math.Max(fromA, rest > 0 ? b[(int)(rest - 1)] : double.NegativeInfinity);
    }
}
