using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>Comparison of means. Needs two values a side and some spread. The statistic has the sign of mean(reference) - mean(current).</summary>
public static class StudentTest
{
    /// <summary>Equal variances.</summary>
    public const string Pooled = "t(pooled)";

    /// <summary>Unequal variances, Welch-Satterthwaite degrees of freedom.</summary>
    public const string Welch = "t(welch)";

    /// <summary>(mean(current) - mean(reference)) / pooled standard deviation; an effect, without p-value.</summary>
    public const string CohenD = "cohen-d(pooled)";

    /// <summary>Student's test.</summary>
    public static MethodResult TestPooled(NumericPair pair) => Run(pair, Pooled, static (a, b) =>
    {
        double n = a.Count, m = b.Count;
        var variance = (a.M2 + b.M2) / (n + m - 2);
        return ((a.Mean - b.Mean) / Math.Sqrt(variance * (1 / n + 1 / m)), n + m - 2);
    });

    /// <summary>Welch's test.</summary>
    public static MethodResult TestWelch(NumericPair pair) => Run(pair, Welch, static (a, b) =>
    {
        double va = a.VarianceSample / a.Count, vb = b.VarianceSample / b.Count, sum = va + vb, shareA = va / sum, shareB = vb / sum;
        return ((a.Mean - b.Mean) / Math.Sqrt(sum), 1 / (shareA * shareA / (a.Count - 1) + shareB * shareB / (b.Count - 1)));
    });

    /// <summary>Standardised difference of means.</summary>
    public static MethodResult OfCohenD(NumericPair pair)
    {
        var reason = Obstacle(pair);
        if (reason is not null)
        {
            return MethodResult.Without(CohenD, reason == UndefinedReason.ConstantBoth ? UndefinedReason.ZeroSpread : reason.Value);
        }

        var (a, b) = (pair.Reference.Moments, pair.Current.Moments);
        return Finite(CohenD, (b.Mean - a.Mean) / Math.Sqrt((a.M2 + b.M2) / (a.Count + b.Count - 2)), null);
    }

    private static MethodResult Run(NumericPair pair, string method, Func<Moments, Moments, (double T, double Degrees)> test)
    {
        if (Obstacle(pair) is { } reason)
        {
            return MethodResult.Without(method, reason);
        }

        var (t, degrees) = test(pair.Reference.Moments, pair.Current.Moments);
        return Finite(method, t, UpperTail.StudentTwoSided(t, degrees));
    }

    private static UndefinedReason? Obstacle(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return reason;
        }

        if (Math.Min(pair.Reference.Count, pair.Current.Count) < 2)
        {
            return UndefinedReason.TooFew;
        }

        var spread = pair.Reference.Sorted[0] != pair.Reference.Sorted[^1] || pair.Current.Sorted[0] != pair.Current.Sorted[^1];
        return spread ? null : pair.IsConstant ? UndefinedReason.ConstantBoth : UndefinedReason.ZeroSpread;
    }

    private static MethodResult Finite(string method, double statistic, double? pValue) =>
        double.IsFinite(statistic) ? MethodResult.Of(method, statistic, pValue) : MethodResult.Without(method, UndefinedReason.NotFinite);
}
