using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Statistics;

/// <summary>What a comparison found in one column.</summary>
public sealed record ColumnDrift
{
    /// <summary>Column name.</summary>
    public required string Name { get; init; }

    /// <summary>How the column was compared (as the reference declares it).</summary>
    public required ColumnKind Kind { get; init; }

    /// <summary>Counters of the reference; all zero when it lacks the column.</summary>
    public required ValueCounts Reference { get; init; }

    /// <summary>Counters of the current side; all zero when it lacks the column.</summary>
    public required ValueCounts Current { get; init; }

    /// <summary>Test of the values: Kolmogorov-Smirnov, or chi-squared homogeneity (by permutation or pooled when cells are sparse).</summary>
    public required TestVerdict Values { get; init; }

    /// <summary>Test of the share of missing rows; null when neither side has any missing row.</summary>
    public TestVerdict? Missingness { get; init; }

    /// <summary>Distances for charts: PSI, and for numbers the Wasserstein distance, plain and in reference standard deviations.</summary>
    public IReadOnlyList<MethodResult> Distances { get; init; } = [];

    /// <summary>Current categories that the reference lacks, most frequent first, at most 100 of them.</summary>
    public IReadOnlyList<CategoryCount> NewCategories { get; init; } = [];

    /// <summary>Reference categories that the current side lacks, most frequent first, at most 100 of them.</summary>
    public IReadOnlyList<CategoryCount> GoneCategories { get; init; } = [];

    /// <summary>Share of current rows in new categories.</summary>
    public double NewCategoryShare { get; init; }

    /// <summary>Whether the values or their missingness drifted. False when undefined: see <see cref="Undefined"/>.</summary>
    public bool Drifted => Values.Drifted == true || Missingness?.Drifted == true;

    /// <summary>Why the values have no verdict; null when they have one.</summary>
    public UndefinedReason? Undefined => Values.Test.Undefined;

    /// <summary>Method identity of the test of the values.</summary>
    public string Method => Values.Test.Method;

    /// <summary>Population stability index (reference deciles, or one bin a category); null when undefined.</summary>
    public double? Psi => Distances.FirstOrDefault(d => d.Method.StartsWith("psi", StringComparison.Ordinal))?.Statistic;
}
