namespace MLOpsLearn.Statistics.Categorical;

/// <summary>How far two categorical samples lie apart, 0 to 1. Undefined only when a side is empty.</summary>
public static class CategoryEffect
{
    /// <summary>sqrt(chi2 / N): shrinks when the two sides differ in size, so it is for reports only.</summary>
    public const string CramersV = "cramers-v";

    /// <summary>Cramer's V as if both sides had equal size; the default effect.</summary>
    public const string CramersVBalanced = "cramers-v(balanced)";

    /// <summary>Half the sum of absolute differences of shares.</summary>
    public const string TotalVariation = "tvd";

    /// <summary>Largest absolute difference of shares.</summary>
    public const string LargestDifference = "l-infinity";

    /// <summary>Cramer's V of the 2 x K table.</summary>
    public static MethodResult OfCramersV(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return Of(pair, CramersV, p => Math.Sqrt(ChiSquared.Test(p).Statistic!.Value / (p.Shares.ReferenceTotal + p.Shares.CurrentTotal)));
    }

    /// <summary>sqrt(0.5 sum (p - q)^2 / (p + q)).</summary>
    public static MethodResult OfCramersVBalanced(CategoricalPair pair) => Of(pair, CramersVBalanced, static p =>
        Math.Sqrt(Sum(p, static (a, b) => (a - b) * (a - b) / (a + b)) / 2));

    /// <summary>Total variation distance.</summary>
    public static MethodResult OfTotalVariation(CategoricalPair pair) => Of(pair, TotalVariation, static p =>
        Sum(p, static (a, b) => Math.Abs(a - b)) / 2);

    /// <summary>Largest difference; <see cref="LargestMover"/> names its category.</summary>
    public static MethodResult OfLargestDifference(CategoricalPair pair) => Of(pair, LargestDifference, static p =>
    {
        var i = LargestIndex(p);
        return Math.Abs(p.Shares.P(i) - p.Shares.Q(i));
    });

    /// <summary>The category whose share moved most; null when a side is empty.</summary>
    public static CategoryKey? LargestMover(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is null ? pair.Keys[LargestIndex(pair)] : default(CategoryKey?);
    }

    private static int LargestIndex(CategoricalPair pair)
    {
        var best = 0;
        for (var i = 1; i < pair.Shares.Bins; i++)
        {
            best = Math.Abs(pair.Shares.P(i) - pair.Shares.Q(i)) > Math.Abs(pair.Shares.P(best) - pair.Shares.Q(best)) ? i : best;
        }

        return best;
    }

    private static double Sum(CategoricalPair pair, Func<double, double, double> term)
    {
        var sum = 0.0;
        for (var i = 0; i < pair.Shares.Bins; i++)
        {
            sum += term(pair.Shares.P(i), pair.Shares.Q(i));
        }

        return sum;
    }

    private static MethodResult Of(CategoricalPair pair, string method, Func<CategoricalPair, double> statistic)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason ? MethodResult.Without(method, reason) : MethodResult.Of(method, statistic(pair));
    }
}
