using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Description of a numeric column. Members are null where the column has too few values for them.</summary>
public sealed record NumericSummary
{
    private readonly NumericSample _sample;

    /// <summary>Describes a cleaned sample.</summary>
    public NumericSummary(NumericSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        _sample = sample;
        var sorted = sample.Sorted;
        long run = 0, longest = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            run = i > 0 && sorted[i] == sorted[i - 1] ? run + 1 : 1;
            longest = Math.Max(longest, run);
            Zeros += sorted[i] == 0 ? 1 : 0;
            Negatives += sorted[i] < 0 ? 1 : 0;
        }

        MostCommonShare = sorted.Length == 0 ? null : (double)longest / sorted.Length;
    }

    /// <summary>Rows, nulls, NaN, infinities, type violations.</summary>
    public ValueCounts Counts => _sample.Counts;

    /// <summary>Distinct valid values.</summary>
    public int Distinct => _sample.Distinct;

    /// <summary>Smallest value.</summary>
    public double? Minimum => _sample.Count == 0 ? null : _sample.Sorted[0];

    /// <summary>Largest value.</summary>
    public double? Maximum => _sample.Count == 0 ? null : _sample.Sorted[^1];

    /// <summary>Mean.</summary>
    public double? Mean => Finite(_sample.Moments.Mean);

    /// <summary>Standard deviation over n.</summary>
    public double? StandardDeviationPopulation => Finite(_sample.Moments.StandardDeviationPopulation);

    /// <summary>Standard deviation over n - 1; null for one value.</summary>
    public double? StandardDeviationSample => Finite(_sample.Moments.StandardDeviationSample);

    /// <summary>Biased skewness; null without spread.</summary>
    public double? SkewnessPopulation => Finite(_sample.Moments.SkewnessPopulation);

    /// <summary>Biased excess kurtosis; null without spread.</summary>
    public double? ExcessKurtosisPopulation => Finite(_sample.Moments.ExcessKurtosisPopulation);

    /// <summary>Values equal to 0.</summary>
    public long Zeros { get; }

    /// <summary>Values below 0.</summary>
    public long Negatives { get; }

    /// <summary>Share of the most frequent value.</summary>
    public double? MostCommonShare { get; }

    /// <summary>Whether there is exactly one distinct value.</summary>
    public bool IsConstant => Distinct == 1;

    /// <summary>Whether one value holds at least 99 % of the rows.</summary>
    public bool IsNearConstant => MostCommonShare >= 0.99;

    /// <summary>Type-7 quantile; null for an empty column.</summary>
    public double? Quantile(double probability) => Finite(_sample.Quantile(probability));

    private double? Finite(double value) => _sample.Count > 0 && double.IsFinite(value) ? value : null;
}
