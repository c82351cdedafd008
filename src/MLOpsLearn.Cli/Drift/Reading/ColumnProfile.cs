using DuckDB.NET.Data;
using MLOpsLearn.Cli.Drift.Input;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>What the values of a column look like, where its type does not say it all.</summary>
/// <param name="Values">Rows that are not null.</param>
/// <param name="Numbers">Rows that are numbers.</param>
/// <param name="Instants">Rows that are instants.</param>
/// <param name="Distinct">Different values, within some percent.</param>
/// <param name="Low">Smallest number.</param>
/// <param name="High">Largest number.</param>
/// <param name="LargestInteger">Largest whole number, without sign.</param>
internal sealed record ColumnProfile(double Values, double Numbers, double Instants, double Distinct, double Low, double High, double LargestInteger)
{
    private const int ColumnsPerQuery = 100;
    private const double LargestExactInteger = 9007199254740992;
    private const double FewestRowNumbers = 30;

    /// <summary>What a column without a profile has.</summary>
    public static ColumnProfile None { get; } = new(1, 0, 0, 0, 0, 0, 0);

    /// <summary>Whether doubles would lose digits.</summary>
    public bool HasInexactIntegers => LargestInteger > LargestExactInteger;

    /// <summary>Whether the column counts its rows: every whole number of a range once.</summary>
    public bool IsRowNumber => Values >= FewestRowNumbers && Numbers == Values && Low == Math.Floor(Low) && High - Low + 1 == Values && Distinct >= 0.9 * Values;

    /// <summary>Looks at the columns whose type leaves a question.</summary>
    public static Dictionary<string, ColumnProfile> Of(TableFile file, IEnumerable<TableColumn> columns)
    {
        var profiles = new Dictionary<string, ColumnProfile>(StringComparer.Ordinal);
        var open = columns.Where(column => column.Class is ColumnClass.Text or ColumnClass.Untyped || column.IsInteger);
        foreach (var chunk in open.Chunk(ColumnsPerQuery))
        {
            var list = string.Join(", ", chunk.Select(Aggregates));
            file.Each($"SELECT {list} FROM input", reader =>
            {
                for (var i = 0; i < chunk.Length; i++)
                {
                    profiles[chunk[i].Name] = new(At(reader, i, 0), At(reader, i, 1), At(reader, i, 2), At(reader, i, 3), At(reader, i, 4), At(reader, i, 5), At(reader, i, 6));
                }
            });
        }

        return profiles;
    }

    private static string Aggregates(TableColumn column)
    {
        var (number, text) = (ColumnSql.Number(column), ColumnSql.Text(column));
        var instants = column.Class == ColumnClass.Untyped ? $"count({ColumnSql.Microseconds(column)})" : "0";
        var largest = column.HasLargeIntegers ? $"max(abs({number}))"
            : column.Class == ColumnClass.Untyped ? $"max(CASE WHEN length({text}) >= 16 AND NOT contains({text}, '.') AND NOT contains(lower({text}), 'e') THEN abs({number}) END)"
            : "0";
        string[] aggregates = [$"count({column.Sql})", $"count({number})", instants, $"approx_count_distinct({column.Sql})", $"min({number})", $"max({number})", largest];
        return string.Join(", ", aggregates.Select(aggregate => $"CAST({aggregate} AS DOUBLE)"));
    }

    private static double At(DuckDBDataReader reader, int column, int aggregate)
    {
        var position = column * 7 + aggregate;
        return reader.IsDBNull(position) ? 0 : reader.GetDouble(position);
    }
}
