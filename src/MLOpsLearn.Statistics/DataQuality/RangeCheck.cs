using MLOpsLearn.Statistics.Distributions;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Current values outside a range.</summary>
/// <param name="Lower">Smallest value inside.</param>
/// <param name="Upper">Largest value inside.</param>
/// <param name="Outside">Values outside.</param>
/// <param name="Share">Outside / current values.</param>
public sealed record RangeCheck(double Lower, double Upper, long Outside, double Share)
{
    /// <summary>Share outside that is expected by chance; null where there is no such expectation.</summary>
    public double? ExpectedShare { get; private init; }

    /// <summary>
    /// Probability of at least this many outside by chance: of a binomial law at <see cref="ExpectedShare"/> for the range of the
    /// reference, of the two-proportion z for Tukey's range (where the share of the reference is what is expected). Null for a
    /// declared range, where any value outside counts.
    /// </summary>
    public double? PValue { get; private init; }

    /// <summary>
    /// Range of the reference, <c>out-of-range(reference-min-max)</c>. About 2 / (n + 1) lies outside by chance; alert only on a small
    /// <see cref="PValue"/>. Null when a side is empty.
    /// </summary>
    public static RangeCheck? ReferenceRange(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is not null)
        {
            return null;
        }

        var check = Declared(pair.Current, pair.Reference.Sorted[0], pair.Reference.Sorted[^1])!;
        var chance = Math.Min(1, 2 / (pair.Reference.Count + 1.0));
        return check with { ExpectedShare = chance, PValue = UpperTail.Binomial(check.Outside, pair.Current.Count, chance) };
    }

    /// <summary>Quartiles of the reference widened by 1.5 inter-quartile ranges, <c>out-of-range(tukey-1.5-reference)</c>. Alert on the change of the share. Null when a side is empty.</summary>
    public static RangeCheck? Tukey(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is not null)
        {
            return null;
        }

        double low = pair.Reference.Quantile(0.25), high = pair.Reference.Quantile(0.75), reach = 1.5 * (high - low);
        var check = Declared(pair.Current, low - reach, high + reach)!;
        var before = Declared(pair.Reference, low - reach, high + reach)!;
        double n = pair.Reference.Count, m = pair.Current.Count, pooled = (before.Outside + check.Outside) / (n + m);
        var spread = Math.Sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
        return check with
        {
            ExpectedShare = before.Share,
            PValue = spread > 0 ? UpperTail.NormalTwoSided((check.Share - before.Share) / spread) : 1,
        };
    }

    /// <summary>A declared range: any value outside violates it. Null for an empty sample.</summary>
    public static RangeCheck? Declared(NumericSample current, double lower, double upper)
    {
        ArgumentNullException.ThrowIfNull(current);
        if (current.Count == 0)
        {
            return null;
        }

        long outside = 0;
        foreach (var value in current.Sorted)
        {
            outside += value < lower || value > upper ? 1 : 0;
        }

        return new(lower, upper, outside, (double)outside / current.Count);
    }

    /// <summary>(mean(current) - mean(reference)) / population standard deviation of the reference; null without spread or values.</summary>
    public static double? MeanShift(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is not null)
        {
            return null;
        }

        var shift = (pair.Current.Moments.Mean - pair.Reference.Moments.Mean) / pair.Reference.Moments.StandardDeviationPopulation;
        return double.IsFinite(shift) ? shift : null;
    }
}
