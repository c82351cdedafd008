namespace MLOpsLearn.Statistics.Categorical;

/// <summary>What the two sides do not have in common. Undefined only when a side is empty.</summary>
public static class CategoryNovelty
{
    /// <summary>Share of current rows whose category the reference lacks.</summary>
    public const string NewCategoryShare = "new-category-share";

    /// <summary>Number of reference categories that the current side lacks.</summary>
    public const string MissingCategoryCount = "missing-category-count";

    /// <summary>0 to 1.</summary>
    public static MethodResult OfNewShare(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason
            ? MethodResult.Without(NewCategoryShare, reason)
            : MethodResult.Of(NewCategoryShare, pair.NewCategoryShare);
    }

    /// <summary>A count.</summary>
    public static MethodResult OfMissingCount(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason
            ? MethodResult.Without(MissingCategoryCount, reason)
            : MethodResult.Of(MissingCategoryCount, pair.GoneCategories().Count);
    }

    /// <summary>Categories of one side that the other lacks, most frequent first, ties in key order; sorts neither side.</summary>
    /// <param name="here">The side that has them.</param>
    /// <param name="there">The side that lacks them.</param>
    /// <param name="limit">How many are listed at most.</param>
    /// <returns>The listed categories, and the rows of all of them, listed or not.</returns>
    public static (IReadOnlyList<CategoryCount> Categories, long Rows) OnlyIn(CategoricalSample here, CategoricalSample there, int limit)
    {
        ArgumentNullException.ThrowIfNull(here);
        ArgumentNullException.ThrowIfNull(there);
        var known = there.Unordered.ToHashSet();
        var (keys, counts) = (new List<CategoryKey>(), new List<long>());
        for (var i = 0; i < here.Unordered.Length; i++)
        {
            if (!known.Contains(here.Unordered[i]))
            {
                keys.Add(here.Unordered[i]);
                counts.Add(here.UnorderedCounts[i]);
            }
        }

        return (MostFrequent(keys, counts, limit), counts.Sum());
    }

    internal static IReadOnlyList<CategoryCount> MostFrequent(IReadOnlyList<CategoryKey> keys, IReadOnlyList<long> counts, int limit) =>
        [.. keys.Zip(counts, (key, count) => new CategoryCount(key, count)).OrderByDescending(c => c.Count).ThenBy(c => c.Key).Take(limit)];
}
