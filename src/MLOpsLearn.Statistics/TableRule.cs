namespace MLOpsLearn.Statistics;

/// <summary>When a table has drifted.</summary>
public enum TableRule
{
    /// <summary>When any column has, p-values being corrected over all columns; the default.</summary>
    AnyColumn,

    /// <summary>When at least <see cref="DriftOptions.DriftShare"/> of the columns with a verdict have.</summary>
    Share,
}
