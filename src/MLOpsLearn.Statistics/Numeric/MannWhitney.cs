using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// Mann-Whitney rank test. The statistic is U of the reference. Exact unless both sides have more than 8 values or there is a tie;
/// the normal law with continuity correction then. Undefined only when a side is empty.
/// </summary>
public static class MannWhitney
{
    /// <summary>Two-sided.</summary>
    public const string TwoSided = "mannwhitney(two-sided,cc,auto)";

    /// <summary>One-sided, "the reference tends to be smaller": blind to every downward shift.</summary>
    public const string Less = "mannwhitney(less,cc,auto)";

    /// <summary>P(C &gt; R) + P(C = R) / 2: .5 without a difference; an effect, without p-value.</summary>
    public const string Auc = "auc(current>reference)";

    private const int SmallSide = 8;

    // 8 values against this many still give an exact law in well under a second.
    private const int LargestExactProduct = 4_000_000;

    /// <summary>Two-sided test.</summary>
    public static MethodResult Test(NumericPair pair) => Run(pair, TwoSided, oneSided: false);

    /// <summary>One-sided test.</summary>
    public static MethodResult TestLess(NumericPair pair) => Run(pair, Less, oneSided: true);

    /// <summary>Common-language effect.</summary>
    public static MethodResult OfAuc(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason
            ? MethodResult.Without(Auc, reason)
            : MethodResult.Of(Auc, 1 - StatisticU(pair) / ((double)pair.Reference.Count * pair.Current.Count));
    }

    internal static double StatisticU(NumericPair pair)
    {
        double n = pair.Reference.Count;
        return (pair.Sweep.TwiceRankSum - n * (n + 1)) / 2;
    }

    private static MethodResult Run(NumericPair pair, string method, bool oneSided)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(method, reason);
        }

        int n = pair.Reference.Count, m = pair.Current.Count;
        double product = (double)n * m, u = StatisticU(pair);
        var extreme = oneSided ? product - u : Math.Max(u, product - u);
        var exact = (n <= SmallSide || m <= SmallSide) && pair.Sweep.TieTerm == 0 && product <= LargestExactProduct;
        var tail = exact ? ExactTail(n, m, (long)extreme) : NormalTail(n, m, extreme, pair.Sweep.TieTerm);
        return MethodResult.Of(method, u, Math.Min(1, oneSided ? tail : 2 * tail));
    }

    private static double NormalTail(double n, double m, double extreme, double ties)
    {
        var total = n + m;
        var deviation = Math.Sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))));
        return deviation > 0 ? UpperTail.Normal((extreme - n * m / 2 - 0.5) / deviation) : 1;
    }

    // P(U >= u) from the Gaussian binomial coefficient; U is symmetric, so the lower tail up to nm - u is summed.
    private static double ExactTail(int n, int m, long u)
    {
        var (small, large) = (Math.Min(n, m), Math.Max(n, m));
        var top = (long)n * m - u;
        if (top < 0)
        {
            return 0;
        }

        var counts = new double[(long)n * m / 2 + 1];
        counts[0] = 1;
        var total = 1.0;
        for (var i = 1; i <= small; i++)
        {
            for (long k = counts.Length - 1; k >= large + i; k--)
            {
                counts[k] -= counts[k - large - i];
            }

            for (long k = i; k < counts.Length; k++)
            {
                counts[k] += counts[k - i];
            }

            total = total * (large + i) / i;
        }

        var product = (long)n * m;
        double sum = 0;
        for (long k = 0; k <= Math.Min(top, product); k++)
        {
            sum += counts[Math.Min(k, product - k)];
        }

        return sum / total;
    }
}
