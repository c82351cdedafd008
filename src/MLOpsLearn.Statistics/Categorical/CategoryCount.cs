namespace MLOpsLearn.Statistics.Categorical;

/// <summary>A category and its number of rows.</summary>
public readonly record struct CategoryCount(CategoryKey Key, long Count);
