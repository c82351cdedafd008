using MLOpsLearn.Statistics.DataQuality;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift;

/// <summary>What a person wants to know of one side of a numeric column. Members are null where the side has too few values.</summary>
internal sealed record NumberFacts(double? Mean, double? StandardDeviation, double? Minimum, double? P05, double? Median, double? P95, double? Maximum)
{
    /// <summary>Null for an empty side.</summary>
    public static NumberFacts? Of(NumericSample sample)
    {
        if (sample.Count == 0)
        {
            return null;
        }

        var summary = new NumericSummary(sample);
        return new(
            summary.Mean, summary.StandardDeviationSample, summary.Minimum, summary.Quantile(0.05), summary.Quantile(0.5), summary.Quantile(0.95), summary.Maximum);
    }
}
