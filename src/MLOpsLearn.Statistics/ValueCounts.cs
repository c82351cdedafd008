namespace MLOpsLearn.Statistics;

/// <summary>What cleaning found in one column of one side: five disjoint counters.</summary>
/// <param name="Valid">Rows that take part in the comparison.</param>
/// <param name="Null">Rows without a value.</param>
/// <param name="NaN">Rows whose number is not a number.</param>
/// <param name="Infinite">Rows with plus or minus infinity.</param>
/// <param name="TypeViolations">Rows whose value is not of the declared kind.</param>
public readonly record struct ValueCounts(long Valid, long Null = 0, long NaN = 0, long Infinite = 0, long TypeViolations = 0)
{
    /// <summary>All rows.</summary>
    public long Rows => Valid + Null + NaN + Infinite + TypeViolations;

    /// <summary>Rows that are null or NaN.</summary>
    public long Missing => Null + NaN;

    /// <summary>(null + NaN) / rows; null without rows.</summary>
    public double? MissingShare => Rows == 0 ? null : (double)Missing / Rows;
}
