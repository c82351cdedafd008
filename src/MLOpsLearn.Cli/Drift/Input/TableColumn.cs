namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>A column of a file.</summary>
/// <param name="Name">As the file names it.</param>
/// <param name="Sql">As SQL names it.</param>
/// <param name="Type">DuckDB's type, for messages.</param>
/// <param name="Class">What the type allows.</param>
internal sealed record TableColumn(string Name, string Sql, string Type, ColumnClass Class)
{
    private static readonly string[] Numbers =
        ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "INTERVAL"];

    /// <summary>Whether the type holds whole numbers that a double may not.</summary>
    public bool HasLargeIntegers => Type is "BIGINT" or "UBIGINT" or "HUGEINT" or "UHUGEINT" || (Type.StartsWith("DECIMAL", StringComparison.Ordinal) && Type.EndsWith(",0)", StringComparison.Ordinal));

    /// <summary>Whether the type holds whole numbers only.</summary>
    public bool IsInteger => HasLargeIntegers || Type.EndsWith("INT", StringComparison.Ordinal) || Type.EndsWith("INTEGER", StringComparison.Ordinal);

    /// <summary>The type, short enough for a message.</summary>
    public string ShortType => Class == ColumnClass.Untyped ? "csv text" : Type.Length > 60 ? Type[..60] + "…" : Type;

    /// <summary>A column as a csv file has it.</summary>
    public static TableColumn OfCsv(string name, int position) => new(name, FormattableString.Invariant($"c{position}"), "VARCHAR", ColumnClass.Untyped);

    /// <summary>A column of a declared type.</summary>
    public static TableColumn OfType(string name, string type) => new(name, TableFile.Quoted(name), type, ClassOf(type));

    private static ColumnClass ClassOf(string type) => type switch
    {
        _ when type.EndsWith(']') => ColumnClass.Other,
        _ when Numbers.Contains(type) || type.StartsWith("DECIMAL", StringComparison.Ordinal) => ColumnClass.Number,
        "BOOLEAN" => ColumnClass.Boolean,
        "VARCHAR" or "UUID" => ColumnClass.Text,
        _ when type.StartsWith("ENUM", StringComparison.Ordinal) => ColumnClass.Text,
        _ when type.StartsWith("TIMESTAMP", StringComparison.Ordinal) => ColumnClass.Instant,
        "DATE" => ColumnClass.Date,
        _ when type.StartsWith("TIME", StringComparison.Ordinal) => ColumnClass.Time,
        _ => ColumnClass.Other,
    };
}
