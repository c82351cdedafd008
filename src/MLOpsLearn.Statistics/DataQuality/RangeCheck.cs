using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Current values outside a range.</summary>
/// <param name="Lower">Smallest value inside.</param>
/// <param name="Upper">Largest value inside.</param>
/// <param name="Outside">Values outside.</param>
/// <param name="Share">Outside / current values.</param>
public sealed record RangeCheck(double Lower, double Upper, long Outside, double Share)
{
    /// <summary>
    /// Range of the reference. About 2 / (n + 1) lies outside by chance; alert only well above that. Null when a side is empty.
    /// </summary>
    public static RangeCheck? ReferenceRange(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is null ? Declared(pair.Current, pair.Reference.Sorted[0], pair.Reference.Sorted[^1]) : null;
    }

    /// <summary>Quartiles of the reference widened by 1.5 inter-quartile ranges. Alert on the change of the share. Null when a side is empty.</summary>
    public static RangeCheck? Tukey(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is not null)
        {
            return null;
        }

        double low = pair.Reference.Quantile(0.25), high = pair.Reference.Quantile(0.75), reach = 1.5 * (high - low);
        return Declared(pair.Current, low - reach, high + reach);
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
