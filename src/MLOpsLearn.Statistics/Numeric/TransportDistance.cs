namespace MLOpsLearn.Statistics.Numeric;

/// <summary>Distances between distribution functions in the unit of the column. 0 for equal samples, no upper bound; no p-value of their own.</summary>
public static class TransportDistance
{
    /// <summary>First Wasserstein distance: the integral of |F - G|.</summary>
    public const string Wasserstein = "wasserstein";

    /// <summary>Wasserstein distance in standard deviations of the reference (population), floored at 0.001.</summary>
    public const string WassersteinNormalised = "wasserstein(norm=ref-pop-std,floor=0.001)";

    /// <summary>Energy distance: the root of twice the integral of (F - G)^2 (Szekely and Rizzo).</summary>
    public const string Energy = "energy";

    /// <summary>Undefined only when a side is empty, or when the distance exceeds the range of a double.</summary>
    public static MethodResult OfWasserstein(NumericPair pair) => Of(pair, Wasserstein, static p => p.Sweep.Area);

    /// <summary>As <see cref="OfWasserstein"/>, without unit.</summary>
    public static MethodResult OfWassersteinNormalised(NumericPair pair) => Of(
        pair, WassersteinNormalised, static p => p.Sweep.Area / Math.Max(p.Reference.Moments.StandardDeviationPopulation, 0.001));

    /// <summary>Undefined only when a side is empty, or when the distance exceeds the range of a double.</summary>
    public static MethodResult OfEnergy(NumericPair pair) => Of(pair, Energy, static p => Math.Sqrt(2 * p.Sweep.SquaredArea));

    private static MethodResult Of(NumericPair pair, string method, Func<NumericPair, double> statistic)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(method, reason);
        }

        var value = statistic(pair);
        return double.IsFinite(value) ? MethodResult.Of(method, value) : MethodResult.Without(method, UndefinedReason.NotFinite);
    }
}
