using MLOpsLearn.Cli.Drift.Input;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>A column as SQL gives it to the comparison.</summary>
internal static class ColumnSql
{
    public static string Text(TableColumn column) => column.Class == ColumnClass.Untyped ? column.Sql : $"CAST({column.Sql} AS VARCHAR)";

    /// <summary>A double; null also for text that is no number. No grouping of thousands, which DuckDB reads from underscores.</summary>
    public static string Number(TableColumn column) => column.Class is ColumnClass.Text or ColumnClass.Untyped
        ? $"CASE WHEN contains({Text(column)}, '_') THEN NULL ELSE TRY_CAST({Text(column)} AS DOUBLE) END"
        : column.Type == "INTERVAL" ? $"epoch({column.Sql})"
        : $"CAST({column.Sql} AS DOUBLE)";

    /// <summary>Microseconds since 1970 in UTC, as a double that holds them exactly; null also for text that is no instant and for infinity.</summary>
    public static string Microseconds(TableColumn column)
    {
        if (column.Class == ColumnClass.Time)
        {
            return $"CAST(epoch_us(CAST({column.Sql} AS TIME)) AS DOUBLE)";
        }

        // A cast that fails costs a microsecond a row, so only text that begins with a year is tried.
        var instant = column.Class is ColumnClass.Text or ColumnClass.Untyped
            ? $"(CASE WHEN {Text(column)} LIKE '____-%' OR {Text(column)} LIKE '____/%' THEN TRY_CAST({Text(column)} AS TIMESTAMPTZ) END)"
            : $"CAST({column.Sql} AS TIMESTAMP)";
        return $"CASE WHEN isfinite({instant}) THEN CAST(epoch_us({instant}) AS DOUBLE) END";
    }

    /// <summary>Whether a row holds a value that the expression makes nothing of.</summary>
    public static string Violation(TableColumn column, string expression) => column.Class is ColumnClass.Number or ColumnClass.Boolean
        ? "false"
        : $"({column.Sql} IS NOT NULL AND ({expression}) IS NULL)";
}
