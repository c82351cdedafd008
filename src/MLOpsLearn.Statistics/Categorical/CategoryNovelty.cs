namespace MLOpsLearn.Statistics.Categorical;

/// <summary>What the two sides do not have in common. Undefined only when a side is empty.</summary>
public static class CategoryNovelty
{
    /// <summary>Share of current rows whose category the reference lacks.</summary>
    public const string NewCategoryShare = "new-category-share";

    /// <summary>Number of reference categories that the current side lacks.</summary>
    public const string MissingCategoryCount = "missing-category-count";

    private static readonly Comparer<CategoryCount> RarestFirst = Comparer<CategoryCount>.Create(static (a, b) =>
        a.Count != b.Count ? a.Count.CompareTo(b.Count) : b.Key.CompareTo(a.Key));

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
        long rows = 0;
        var listed = MostFrequent(Only(), limit);
        return (listed, rows);

        IEnumerable<CategoryCount> Only()
        {
            for (var i = 0; i < here.Unordered.Length; i++)
            {
                if (!known.Contains(here.Unordered[i]))
                {
                    rows += here.UnorderedCounts[i];
                    yield return new(here.Unordered[i], here.UnorderedCounts[i]);
                }
            }
        }
    }

    // Holds no more than the listed ones: millions of categories pass through.
    internal static IReadOnlyList<CategoryCount> MostFrequent(IEnumerable<CategoryCount> categories, int limit)
    {
        var best = new PriorityQueue<CategoryCount, CategoryCount>(RarestFirst);
        foreach (var category in categories)
        {
            if (best.Count < limit)
            {
                best.Enqueue(category, category);
            }
            else if (limit > 0 && RarestFirst.Compare(category, best.Peek()) > 0)
            {
                best.DequeueEnqueue(category, category);
            }
        }

        return [.. best.UnorderedItems.Select(item => item.Element).OrderByDescending(c => c, RarestFirst)];
    }
}
