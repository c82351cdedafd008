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
}
