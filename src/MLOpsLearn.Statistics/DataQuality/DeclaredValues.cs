using System.Text.RegularExpressions;
using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Categories against what the schema declares: any violation counts, <c>out-of-range(declared)</c>.</summary>
/// <param name="Violations">Categories that break the declaration, most frequent first, at most 100 of them.</param>
/// <param name="Rows">Rows of all violating categories.</param>
/// <param name="Share">Rows / valid rows; null without valid rows.</param>
public sealed record DeclaredValues(IReadOnlyList<CategoryCount> Violations, long Rows, double? Share)
{
    private const int Listed = 100;

    /// <summary>Categories outside a declared set.</summary>
    public static DeclaredValues CheckSet(CategoricalSample sample, IReadOnlySet<CategoryKey> allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        return Check(sample, allowed.Contains);
    }

    /// <summary>Categories whose text does not match a declared pattern. Patterns from outside want <see cref="RegexOptions.NonBacktracking"/>.</summary>
    public static DeclaredValues CheckPattern(CategoricalSample sample, Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Check(sample, key => pattern.IsMatch(key.ToString()));
    }

    private static DeclaredValues Check(CategoricalSample sample, Func<CategoryKey, bool> allowed)
    {
        ArgumentNullException.ThrowIfNull(sample);
        CategoryCount[] broken = [.. sample.Entries.Where(category => !allowed(category.Key))];
        var rows = broken.Sum(category => category.Count);
        return new(CategoryNovelty.MostFrequent(broken, Listed), rows, sample.Counts.Valid == 0 ? null : (double)rows / sample.Counts.Valid);
    }
}
