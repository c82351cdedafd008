using MLOpsLearn.Statistics;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>One column of one segment of one file as read, and the columns that are compared in its place.</summary>
internal abstract class RawColumn
{
    /// <summary>Rows whose value is not of the column's kind.</summary>
    public long Violations { get; set; }

    /// <summary>Columns to compare, as many and under the same names as those of the other side; several for text and datetime.</summary>
    public abstract IReadOnlyList<DriftColumn> Derive(ColumnPlan plan, RawColumn other);
}
