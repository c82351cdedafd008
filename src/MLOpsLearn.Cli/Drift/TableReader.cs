using System.Globalization;
using DuckDB.NET.Data;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift;

/// <summary>Reads two files into columns that can be compared. Categories are counted by DuckDB; only numbers travel row by row.</summary>
internal sealed class TableReader(TableFile reference, TableFile current, DriftSettings settings)
{
    // An identifier has nearly as many values as rows; a text column like that is compared by its lengths.
    private const double MostTextCategories = 1000;
    private const double LargestExactInteger = 9007199254740992;

    /// <summary>What to compare, and what can't be, with the reason.</summary>
    public (IReadOnlyList<ColumnPlan> Plans, IReadOnlyList<string> Findings) Plan()
    {
        var findings = new List<string>();
        foreach (var name in settings.Columns.Concat(settings.Categorical).Concat(settings.Numeric))
        {
            if (!reference.Columns.ContainsKey(name) && !current.Columns.ContainsKey(name))
            {
                throw new CommandException($"Neither file has a column '{name}'.");
            }
        }

        bool Wanted(string name) => (settings.Columns.Count == 0 || settings.Columns.Contains(name)) && name != settings.Segment;
        var shared = reference.Columns.Where(column => Wanted(column.Key) && current.Columns.ContainsKey(column.Key)).ToList();
        findings.AddRange(reference.Columns.Keys.Where(name => Wanted(name) && !current.Columns.ContainsKey(name))
            .Select(name => $"column '{name}' is missing in '{current.Path}'"));
        findings.AddRange(current.Columns.Keys.Where(name => Wanted(name) && !reference.Columns.ContainsKey(name))
            .Select(name => $"column '{name}' is new in '{current.Path}'"));
        findings.AddRange(shared.Where(column => current.Columns[column.Key] != column.Value)
            .Select(column => $"column '{column.Key}' changed its type from {column.Value} to {current.Columns[column.Key]}"));
        var large = TooLarge(shared);
        var texts = Texts(shared, large);
        var plans = new List<ColumnPlan>();
        foreach (var (name, type) in shared)
        {
            bool? asCategory = settings.Categorical.Contains(name) ? true : settings.Numeric.Contains(name) ? false : null;
            var plan = ColumnPlan.Of(name, type, asCategory, texts.Contains(name), large.Contains(name));
            plans.AddRange(plan);
            if (plan.Count == 0)
            {
                findings.Add($"column '{name}' is {(type.Length > 60 ? type[..60] + "…" : type)}: nested and binary columns are not compared");
            }
        }

        return (plans, findings);
    }

    /// <summary>Reads the planned columns of both sides, two at a time.</summary>
    public (DriftColumn[] Reference, DriftColumn[] Current) Read(
        IReadOnlyList<ColumnPlan> plans, string? segment, CancellationToken cancellationToken) =>
        (ReadSide(reference, plans, segment, cancellationToken), ReadSide(current, plans, segment, cancellationToken));

    /// <summary>Values of the segment column on either side, in order.</summary>
    public IReadOnlyList<string?> Segments()
    {
        var sql = $"SELECT DISTINCT CAST({TableFile.Quoted(settings.Segment!)} AS VARCHAR) AS v FROM input ORDER BY v LIMIT 1001";
        string? Value(DuckDBDataReader reader) => reader.IsDBNull(0) ? null : reader.GetString(0);
        return [.. reference.Read(sql, Value).Union(current.Read(sql, Value)).Order(StringComparer.Ordinal)];
    }

    private static DriftColumn[] ReadSide(TableFile file, IReadOnlyList<ColumnPlan> plans, string? segment, CancellationToken cancellationToken)
    {
        var columns = new DriftColumn[plans.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, plans.Count, options, file.Again, (i, _, mine) =>
            {
                columns[i] = ReadColumn(mine, plans[i], segment);
                return mine;
            }, static mine => mine.Dispose());
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<CommandException>().FirstOrDefault() is { } broken)
        {
            throw broken;
        }

        return columns;
    }

    private static DriftColumn ReadColumn(TableFile file, ColumnPlan plan, string? segment)
    {
        var column = TableFile.Quoted(plan.Column);
        var moment = $"CAST({column} AS TIMESTAMP)";
        return plan.Role switch
        {
            ColumnRole.Numeric => Numbers(file, plan.Name, $"TRY_CAST({column} AS DOUBLE)", column, segment),
            ColumnRole.TextLength => Numbers(file, plan.Name, $"CAST(length(CAST({column} AS VARCHAR)) AS DOUBLE)", column, segment),
            ColumnRole.Hour => Categories(file, plan.Name, $"hour({moment})", segment),
            ColumnRole.Weekday => Categories(file, plan.Name, $"isodow({moment}) - 1", segment),
            _ => Categories(file, plan.Name, column, segment),
        };
    }

    private static DriftColumn Numbers(TableFile file, string name, string expression, string column, string? segment)
    {
        var values = new double[file.Rows];
        int count = 0, missing = 0;
        file.Each($"SELECT {expression} FROM input {segment}", reader =>
        {
            if (reader.IsDBNull(0))
            {
                missing++;
            }
            else
            {
                values[count++] = reader.GetDouble(0);
            }
        });
        var nulls = missing == 0 ? 0 : Convert.ToInt64(
            file.Read($"SELECT count(*) - count({column}) FROM input {segment}", static reader => reader.GetValue(0)).Single(), CultureInfo.InvariantCulture);
        return DriftColumn.Numeric(name, NumericSample.Create(values.AsSpan(0, count), nulls, missing - nulls));
    }

    private static DriftColumn Categories(TableFile file, string name, string expression, string? segment)
    {
        var (keys, counts, nulls) = (new List<CategoryKey>(), new List<long>(), 0L);
        file.Each($"SELECT CAST({expression} AS VARCHAR), count(*) FROM input {segment} GROUP BY 1", reader =>
        {
            if (reader.IsDBNull(0))
            {
                nulls = reader.GetInt64(1);
                return;
            }

            keys.Add(CategoryKey.Of(reader.GetString(0)));
            counts.Add(reader.GetInt64(1));
        });
        return DriftColumn.Categorical(name, CategoricalSample.FromCounts(keys, counts, nulls));
    }

    // Either side may hold the identifiers, and fetching ten million of them is what this prevents.
    private HashSet<string> Texts(List<KeyValuePair<string, string>> shared, HashSet<string> large)
    {
        string[] names = [.. shared.Select(column => column.Key)
            .Where(name => reference.Columns[name] is "VARCHAR" or "UUID" || current.Columns[name] is "VARCHAR" || large.Contains(name))];
        return Select(names, "approx_count_distinct({0})", (file, distinct) => distinct > Math.Min(MostTextCategories, Math.Max(20, file.Rows / 5.0)));
    }

    private HashSet<string> TooLarge(List<KeyValuePair<string, string>> shared)
    {
        string[] names = [.. shared.Where(column => column.Value.Contains("BIGINT", StringComparison.Ordinal) || column.Value.Contains("HUGEINT", StringComparison.Ordinal))
            .Select(column => column.Key)];
        return Select(
            names,
            "greatest(abs(TRY_CAST(min({0}) AS DOUBLE)), abs(TRY_CAST(max({0}) AS DOUBLE)))",
            static (_, largest) => largest > LargestExactInteger);
    }

    private HashSet<string> Select(string[] names, string aggregate, Func<TableFile, double, bool> condition)
    {
        var chosen = new HashSet<string>(StringComparer.Ordinal);
        if (names.Length == 0)
        {
            return chosen;
        }

        var list = string.Join(", ", names.Select(name =>
            $"CAST({string.Format(CultureInfo.InvariantCulture, aggregate, TableFile.Quoted(name))} AS DOUBLE)"));
        foreach (var file in (TableFile[])[reference, current])
        {
            file.Each($"SELECT {list} FROM input", reader =>
            {
                for (var i = 0; i < names.Length; i++)
                {
                    if (!reader.IsDBNull(i) && condition(file, reader.GetDouble(i)))
                    {
                        chosen.Add(names[i]);
                    }
                }
            });
        }

        return chosen;
    }
}
