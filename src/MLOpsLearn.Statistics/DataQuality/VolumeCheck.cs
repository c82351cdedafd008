using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Row counts and age of data. No clock: the caller says what time it is.</summary>
public static class VolumeCheck
{
    /// <summary>
    /// Limits of the row count from the counts of reference windows of equal length: mean +- 3 deviations, the deviation at least the
    /// root of the mean, since counts of independent rows vary that much (Poisson). Null without windows.
    /// </summary>
    /// <param name="counts">Rows of each reference window.</param>
    public static ReferenceLimits? Limits(ReadOnlySpan<long> counts)
    {
        var values = new double[counts.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = counts[i];
        }

        if (values.Length == 0)
        {
            return null;
        }

        const double factor = 3;
        var moments = Moments.Of(values);
        var deviation = Math.Max(moments.StandardDeviationPopulation, Math.Sqrt(Math.Max(0, moments.Mean)));
        return new(moments.Mean, deviation, factor, Math.Max(0, moments.Mean - factor * deviation), moments.Mean + factor * deviation);
    }

    /// <summary>Age of the newest row; null without rows. Negative when the row lies in the future.</summary>
    public static TimeSpan? Freshness(DateTimeOffset? newest, DateTimeOffset now) => now - newest;
}
