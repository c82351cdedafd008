namespace MLOpsLearn.Statistics;

/// <summary>How a column is compared.</summary>
public enum ColumnKind
{
    /// <summary>By the order and distance of finite numbers.</summary>
    Numeric,

    /// <summary>By counts of equal values.</summary>
    Categorical,
}
