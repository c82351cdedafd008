using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Description of a categorical column.</summary>
public sealed record CategoricalSummary
{
    private readonly CategoricalSample _sample;

    /// <summary>Describes counted categories.</summary>
    public CategoricalSummary(CategoricalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        _sample = sample;
    }

    /// <summary>Rows and nulls.</summary>
    public ValueCounts Counts => _sample.Counts;

    /// <summary>Rows with the empty text.</summary>
    public long Empty => Count(key => key.IsText && key.ToString().Length == 0);

    /// <summary>Rows with nothing but white space, at least one character of it.</summary>
    public long Blank => Count(key => key.IsText && key.ToString().Length > 0 && string.IsNullOrWhiteSpace(key.ToString()));

    /// <summary>Distinct categories.</summary>
    public int Distinct => _sample.Keys.Count;

    /// <summary>Shannon entropy in nats; null without rows.</summary>
    public double? EntropyNats => _sample.Counts.Valid == 0
        ? null
        : -_sample.Occurrences.Sum(count => (double)count / _sample.Counts.Valid * Math.Log((double)count / _sample.Counts.Valid)) + 0.0;

    /// <summary>The most frequent categories, ties in key order.</summary>
    public IReadOnlyList<CategoryCount> Top(int count) =>
        [.. _sample.Keys.Zip(_sample.Occurrences, (key, rows) => new CategoryCount(key, rows)).OrderByDescending(c => c.Count).Take(count)];

    private long Count(Func<CategoryKey, bool> condition) =>
        _sample.Keys.Zip(_sample.Occurrences, (key, count) => condition(key) ? count : 0).Sum();
}
