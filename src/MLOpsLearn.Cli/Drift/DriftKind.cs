namespace MLOpsLearn.Cli.Drift;

/// <summary>How a column takes part in the comparison.</summary>
internal enum DriftKind
{
    /// <summary>By order and distance of its numbers.</summary>
    Numeric,

    /// <summary>By counts of equal values.</summary>
    Categorical,

    /// <summary>By length, number of words and share of empty texts.</summary>
    Text,

    /// <summary>By hour, weekday and gaps; the instants themselves always drift.</summary>
    DateTime,
}
