using System.Numerics;
using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// Two-sample Cramer-von Mises test on midranks. Exact up to 20 values on the larger side, else the limiting law: a p below about
/// 1e-7 is noise there. At least two values a side. Sources: Anderson (1962), Xiao, Gordon and Yakovlev (2007), Csorgo and Faraway (1996).
/// </summary>
public static class CramerVonMises
{
    /// <summary>Exact for small samples.</summary>
    public const string Auto = "cvm(method=auto)";

    private const int LargestExact = 20;

    /// <summary>Undefined when a side is empty or has one value.</summary>
    public static MethodResult Test(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Auto, reason);
        }

        int n = pair.Reference.Count, m = pair.Current.Count;
        if (Math.Min(n, m) < 2)
        {
            return MethodResult.Without(Auto, UndefinedReason.TooFew);
        }

        Int128 product = (Int128)n * m, total = (Int128)n + m;

        // T = (6 U - nm (4nm - 1)) / (6 nm N): the difference is taken in integers, where nothing cancels.
        var difference = 6 * (n * pair.Sweep.ReferenceRankSquares + m * pair.Sweep.CurrentRankSquares) - 4 * product * (4 * product - 1);
        var statistic = (double)difference / (24 * (double)product * (double)total);
        var exact = Math.Max(n, m) <= LargestExact;
        return MethodResult.Of(Auto, statistic, exact ? ExactPValue(difference, n, m) : LimitingPValue(statistic, n, m)) with { Exact = exact };
    }

    private static double LimitingPValue(double statistic, double n, double m)
    {
        var total = n + m;
        var mean = (1 + 1 / total) / 6;
        var variance = (total + 1) * (4 * m * n * total - 3 * (m * m + n * n) - 2 * m * n) / (45 * total * total * 4 * m * n);
        var standardised = 1.0 / 6 + (statistic - mean) / Math.Sqrt(45 * variance);
        return standardised < 0.003 ? 1 : Math.Max(0, 1 - LimitingCumulative(standardised));
    }

    private static double LimitingCumulative(double t)
    {
        double sum = 0, term;
        var k = 0;
        do
        {
            var weight = Math.Exp(Gamma.Log(k + 0.5) - Gamma.Log(k + 1)) / (Math.Pow(Math.PI, 1.5) * Math.Sqrt(t));
            double order = 4 * k + 1, y = order * order / (16 * t);
            term = weight * Math.Sqrt(order) * DampedBesselK(y);
            sum += term;
            k++;
        }
        while (term >= 1e-7);

        return sum;
    }

    // e^-y K_1/4(y), as the integral of exp(-y (cosh s + 1)) cosh(s / 4) over s > 0. The trapezoid rule converges
    // geometrically on it; the step follows the width of the peak.
    private static double DampedBesselK(double y)
    {
        var step = Math.Min(0.1, 0.5 / Math.Sqrt(y));
        var sum = 0.5 * Math.Exp(-2 * y);
        for (var i = 1; ; i++)
        {
            var s = i * step;
            var term = Math.Exp(-y * (Math.Cosh(s) + 1)) * Math.Cosh(s / 4);
            sum += term;
            if (term <= sum * 1e-18)
            {
                return sum * step;
            }
        }
    }

    // Frequencies of the statistic over all lattice paths, cell by cell; one sorted list of (value, count) a cell.
    private static double ExactPValue(Int128 difference, int n, int m)
    {
        var multiple = (long)n / (long)BigInteger.GreatestCommonDivisor(n, m) * m;
        long a = multiple / n, b = multiple / m;
        var product = (long)n * m;

        // Midranks of ties fall between the grid of the statistic; the floor is part of the definition.
        Int128 numerator = (Int128)multiple * multiple * (n + m) * difference, denominator = (Int128)24 * product * product;
        var limit = (long)(numerator / denominator) - (numerator < 0 && numerator % denominator != 0 ? 1 : 0);
        var row = new List<(long Value, long Count)>[n + 1];
        for (var i = 0; i <= n; i++)
        {
            row[i] = i == 0 ? [(0, 1)] : [];
        }

        for (var j = 0; j <= m; j++)
        {
            List<(long Value, long Count)> left = [];
            for (var i = 0; i <= n; i++)
            {
                var gap = a * i - b * j;
                left = row[i] = Merge(left, row[i], gap * gap);
            }
        }

        long above = 0, all = 0;
        foreach (var (value, count) in row[n])
        {
            all += count;
            above += value >= limit ? count : 0;
        }

        return (double)above / all;
    }

    private static List<(long Value, long Count)> Merge(List<(long Value, long Count)> x, List<(long Value, long Count)> y, long add)
    {
        var merged = new List<(long Value, long Count)>(Math.Max(x.Count, y.Count));
        int i = 0, j = 0;
        while (i < x.Count || j < y.Count)
        {
            var order = i >= x.Count ? 1 : j >= y.Count ? -1 : x[i].Value.CompareTo(y[j].Value);
            var value = order <= 0 ? x[i].Value : y[j].Value;
            var count = (order <= 0 ? x[i++].Count : 0) + (order >= 0 ? y[j++].Count : 0);
            merged.Add((value + add, count));
        }

        return merged;
    }
}
