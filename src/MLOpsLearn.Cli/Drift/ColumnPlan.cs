namespace MLOpsLearn.Cli.Drift;

/// <summary>How a column of a file takes part in the comparison.</summary>
internal enum ColumnRole
{
    Numeric,
    Categorical,
    TextLength,
    Hour,
    Weekday,
}

/// <summary>One comparison of one column; a datetime gives two. The name is what the report shows.</summary>
internal sealed record ColumnPlan(string Column, ColumnRole Role, string Name)
{
    private static readonly string[] NumberTypes =
        ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE"];

    private static readonly string[] NestedTypes = ["STRUCT", "MAP", "UNION"];

    /// <summary>Kind of a column by its type in the reference; empty for nested and binary ones, which can't be compared.</summary>
    public static IReadOnlyList<ColumnPlan> Of(string column, string type, bool? asCategory, bool isText, bool isTooLarge)
    {
        if (asCategory == true)
        {
            return [new(column, ColumnRole.Categorical, column)];
        }

        if (asCategory == false || ((NumberTypes.Contains(type) || type.StartsWith("DECIMAL", StringComparison.Ordinal)) && !isTooLarge))
        {
            return [new(column, ColumnRole.Numeric, column)];
        }

        if (type.EndsWith(']') || type == "BLOB" || NestedTypes.Any(nested => type.StartsWith(nested, StringComparison.Ordinal)))
        {
            return [];
        }

        if (type.StartsWith("TIMESTAMP", StringComparison.Ordinal) || type == "DATE")
        {
            return type == "DATE"
                ? [new(column, ColumnRole.Weekday, $"{column} weekday(monday=0)")]
                : [new(column, ColumnRole.Hour, $"{column} hour(utc)"), new(column, ColumnRole.Weekday, $"{column} weekday(monday=0)")];
        }

        return isText
            ? [new(column, ColumnRole.TextLength, $"{column} length(unit=code-point)")]
            : [new(column, ColumnRole.Categorical, column)];
    }
}
