using DuckDB.NET.Data;
using MLOpsLearn.Cli.Drift.Input;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>Parts of the two tables that are compared apart: one for each value of a column, or one for all rows.</summary>
internal sealed class Segments
{
    private const int Most = 100;
    private readonly Dictionary<TableFile, (string Sql, int[] Rows)> _sides = [];

    /// <summary>Values of the segment column that both tables have; a single null when there is no such column.</summary>
    public required IReadOnlyList<string?> Values { get; init; }

    /// <summary>Whether a column segments the tables.</summary>
    public bool IsSegmented { get; private init; }

    public int Count => Values.Count;

    /// <summary>Segments of one side only.</summary>
    public IReadOnlyList<DriftFinding> Findings { get; private init; } = [];

    /// <summary>All rows as one segment.</summary>
    public static Segments Whole(TableFile reference, TableFile current)
    {
        var segments = new Segments { Values = [null] };
        segments._sides[reference] = ("0", [reference.Rows]);
        segments._sides[current] = ("0", [current.Rows]);
        return segments;
    }

    /// <exception cref="CommandException">A table lacks the column, or it has too many values.</exception>
    public static Segments By(string column, TableFile reference, TableFile current)
    {
        Dictionary<string, int> before = RowsOf(reference, column), after = RowsOf(current, column);
        var shared = before.Keys.Where(after.ContainsKey).Order(StringComparer.Ordinal).ToList();
        if (shared.Count == 0)
        {
            throw new CommandException($"The files have no value of the column '{column}' in common to segment by.");
        }

        var segments = new Segments
        {
            Values = [.. shared.Select(Shown)],
            IsSegmented = true,
            Findings =
            [
                .. before.Keys.Except(after.Keys).Order(StringComparer.Ordinal).Select(value => new DriftFinding(
                    DriftFinding.SegmentMissing, column, $"segment '{Shown(value) ?? "null"}' is missing in '{current.Path}'")),
                .. after.Keys.Except(before.Keys).Order(StringComparer.Ordinal).Select(value => new DriftFinding(
                    DriftFinding.SegmentNew, column, $"segment '{Shown(value) ?? "null"}' is new in '{current.Path}'")),
            ],
        };
        segments.Add(reference, column, shared, before);
        segments.Add(current, column, shared, after);
        return segments;
    }

    /// <summary>SQL for the segment of a row, from 0; negative for a segment of one side only.</summary>
    public string CodeOf(TableFile file) => _sides[file].Sql;

    /// <summary>Rows of each segment.</summary>
    public int[] RowsOf(TableFile file) => _sides[file].Rows;

    // A letter in front keeps null apart from every text.
    private static string KeySql(TableColumn column) => $"CASE WHEN {column.Sql} IS NULL THEN 'n' ELSE 'v' || {ColumnSql.Text(column)} END";

    private static string? Shown(string key) => key[0] == 'n' ? null : key[1..];

    private static Dictionary<string, int> RowsOf(TableFile file, string name)
    {
        if (!file.Columns.TryGetValue(name, out var column) || column.Class == ColumnClass.Other)
        {
            throw new CommandException($"'{file.Path}' has no column '{name}' to segment by.");
        }

        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        file.Each($"SELECT {KeySql(column)}, CAST(count(*) AS INTEGER) FROM input GROUP BY 1 LIMIT {Most + 1}", Add);
        return rows.Count <= Most ? rows : throw new CommandException($"The column '{name}' has more than {Most} values in '{file.Path}': too many segments.");

        void Add(DuckDBDataReader reader) => rows.Add(reader.GetString(0), reader.GetInt32(1));
    }

    private void Add(TableFile file, string name, List<string> keys, Dictionary<string, int> rows)
    {
        file.Each($"CREATE TYPE segment AS ENUM ({string.Join(", ", keys.Select(TableFile.Literal))})", static _ => { });
        _sides[file] = (
            $"CAST(coalesce(CAST(enum_code(TRY_CAST({KeySql(file.Columns[name])} AS segment)) AS INTEGER), -1) AS INTEGER)",
            [.. keys.Select(key => rows[key])]);
    }
}
