namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>What a column's type allows, whatever it is called in the file.</summary>
internal enum ColumnClass
{
    Number,
    Boolean,

    /// <summary>Text by declaration, as in parquet.</summary>
    Text,

    /// <summary>Text because csv knows nothing else: what it holds decides.</summary>
    Untyped,
    Instant,
    Date,
    Time,

    /// <summary>Nested, binary and the like: not compared.</summary>
    Other,
}
