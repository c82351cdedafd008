using DuckDB.NET.Data;
using MLOpsLearn.Cli.Drift.Input;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>Reads planned columns of one file, split by segment. Numbers and instants of many columns come in one pass; categories are counted by DuckDB.</summary>
internal sealed class TableReader(TableFile file, Segments segments, bool isReference)
{
    /// <returns>For each plan, a column for each segment.</returns>
    public RawColumn[][] Read(IReadOnlyList<ColumnPlan> plans)
    {
        var columns = new RawColumn[plans.Count][];
        ReadStreamed(plans, columns);
        for (var i = 0; i < plans.Count; i++)
        {
            columns[i] ??= plans[i].Kind == DriftKind.Text ? ReadTexts(plans[i]) : ReadCategories(plans[i]);
        }

        return columns;
    }

    private TableColumn ColumnOf(ColumnPlan plan) => isReference ? plan.Reference : plan.Current;

    private void ReadStreamed(IReadOnlyList<ColumnPlan> plans, RawColumn[][] columns)
    {
        var streamed = Enumerable.Range(0, plans.Count).Where(i => plans[i].IsStreamed).ToArray();
        if (streamed.Length == 0)
        {
            return;
        }

        var targets = Array.ConvertAll(streamed, _ => Array.ConvertAll(segments.RowsOf(file), rows => new NumberColumn(rows)));
        var expressions = Array.ConvertAll(streamed, i =>
        {
            var column = ColumnOf(plans[i]);
            var value = plans[i].Kind == DriftKind.Numeric ? ColumnSql.Number(column) : ColumnSql.Microseconds(column);
            return $"{value}, {ColumnSql.Violation(column, value)}";
        });
        file.Each($"SELECT {segments.CodeOf(file)}, {string.Join(", ", expressions)} FROM input", reader =>
        {
            if (reader.GetInt32(0) is var segment and >= 0)
            {
                for (var i = 0; i < targets.Length; i++)
                {
                    Add(reader, 2 * i + 1, targets[i][segment]);
                }
            }
        });
        for (var i = 0; i < streamed.Length; i++)
        {
            columns[streamed[i]] = targets[i];
        }
    }

    private static void Add(DuckDBDataReader reader, int position, NumberColumn column)
    {
        if (!reader.IsDBNull(position))
        {
            column.Add(reader.GetDouble(position));
        }
        else if (reader.GetBoolean(position + 1))
        {
            column.Violations++;
        }
        else
        {
            column.Nulls++;
        }
    }

    private TextLengths[] ReadTexts(ColumnPlan plan)
    {
        var targets = Array.ConvertAll(segments.RowsOf(file), rows => new TextLengths(rows));
        file.Each($"SELECT {segments.CodeOf(file)}, {ColumnSql.Text(ColumnOf(plan))} FROM input", reader =>
        {
            if (reader.GetInt32(0) is var segment and >= 0)
            {
                if (reader.IsDBNull(1))
                {
                    targets[segment].Nulls++;
                }
                else
                {
                    targets[segment].Add(reader.GetString(1));
                }
            }
        });
        return targets;
    }

    private CategoryCounts[] ReadCategories(ColumnPlan plan)
    {
        var targets = Array.ConvertAll(segments.RowsOf(file), _ => new CategoryCounts());
        file.Each($"SELECT {segments.CodeOf(file)}, {ColumnSql.Text(ColumnOf(plan))}, count(*) FROM input GROUP BY ALL", reader =>
        {
            if (reader.GetInt32(0) is var segment and >= 0)
            {
                targets[segment].Add(reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2), plan);
            }
        });
        return targets;
    }
}
