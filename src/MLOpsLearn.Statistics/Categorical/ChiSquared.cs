using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>
/// Chi-squared and likelihood-ratio tests on the table of two samples by K categories, K - 1 degrees of freedom.
/// One common category gives statistic 0 and p 1. Undefined only when a side is empty.
/// </summary>
public static class ChiSquared
{
    /// <summary>Pearson's test that both sides have the same shares; both sides carry their own sampling error. The default.</summary>
    public const string Homogeneity = "chi2(homogeneity)";

    /// <summary>With Yates' correction at one degree of freedom.</summary>
    public const string HomogeneityYates = "chi2(homogeneity,yates)";

    /// <summary>Likelihood ratio 2 sum o ln(o/e).</summary>
    public const string GHomogeneity = "g(homogeneity)";

    /// <summary>Takes the reference's shares as the truth: compatibility only, since one unseen value gives infinity and p 0.</summary>
    public const string GoodnessOfFit = "chi2(gof)";

    /// <summary>Pearson's test without continuity correction.</summary>
    public static MethodResult Test(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Homogeneity, reason);
        }

        var smallest = double.PositiveInfinity;
        var statistic = Sum(pair, (observed, expected) =>
        {
            smallest = Math.Min(smallest, expected);
            return (observed - expected) * (observed - expected) / expected;
        });
        return Result(Homogeneity, statistic, pair) with { MinExpected = pair.Keys.Count > 1 ? smallest : null };
    }

    /// <summary>Pearson's test, corrected when there are two categories.</summary>
    public static MethodResult TestYates(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason
            ? MethodResult.Without(HomogeneityYates, reason)
            : Result(HomogeneityYates, Sum(pair, pair.Keys.Count == 2 ? Corrected : Plain), pair);

        static double Plain(double observed, double expected) => (observed - expected) * (observed - expected) / expected;

        static double Corrected(double observed, double expected)
        {
            var gap = Math.Abs(observed - expected);
            gap -= Math.Min(0.5, gap);
            return gap * gap / expected;
        }
    }

    /// <summary>Likelihood-ratio test.</summary>
    public static MethodResult TestLikelihoodRatio(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason
            ? MethodResult.Without(GHomogeneity, reason)
            : Result(GHomogeneity, Math.Max(0, 2 * Sum(pair, static (o, e) => o == 0 ? 0 : o * Math.Log(o / e))), pair);
    }

    /// <summary>Goodness of fit of the current side to the reference.</summary>
    public static MethodResult TestGoodnessOfFit(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(GoodnessOfFit, reason);
        }

        var shares = pair.Shares;
        var statistic = 0.0;
        for (var i = 0; i < shares.Bins; i++)
        {
            var expected = (double)shares.Reference[i] * shares.CurrentTotal / shares.ReferenceTotal;
            var gap = shares.Current[i] - expected;
            statistic += gap * gap / expected;
        }

        return Result(GoodnessOfFit, statistic, pair);
    }

    private static double Sum(CategoricalPair pair, Func<double, double, double> cell)
    {
        var shares = pair.Shares;
        double n = shares.ReferenceTotal, m = shares.CurrentTotal, total = n + m, sum = 0;
        for (var i = 0; i < shares.Bins; i++)
        {
            double a = shares.Reference[i], b = shares.Current[i];
            sum += cell(a, (a + b) * (n / total)) + cell(b, (a + b) * (m / total));
        }

        return sum;
    }

    private static MethodResult Result(string method, double statistic, CategoricalPair pair)
    {
        var degrees = pair.Keys.Count - 1;
        return degrees == 0
            ? MethodResult.Of(method, 0, 1) with { DegreesOfFreedom = 0 }
            : MethodResult.Of(method, statistic, UpperTail.ChiSquared(statistic, degrees)) with { DegreesOfFreedom = degrees };
    }
}
