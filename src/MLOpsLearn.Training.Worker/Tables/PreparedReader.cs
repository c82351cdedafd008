using System.Globalization;
using System.Runtime.InteropServices;
using DuckDB.NET.Data;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>Checks the prepared table against the specification and reads it, in one fixed order.</summary>
internal sealed class PreparedReader(Sandbox sandbox, PipelineSpecification specification, IReadOnlyList<PreparedColumn> inputs)
{
    private const string EventTime = "event_time";
    private const string PredictionId = "prediction_id";
    private const int MinRows = 20;
    private const double MostViolations = 0.01;
    private const double MostMissing = 0.5;

    private static readonly string[] NumberTypes =
        ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "BOOLEAN"];

    /// <exception cref="WorkFault">A column is missing or of a wrong type, or too few rows are left.</exception>
    public PreparedRows Read()
    {
        var types = ReadTypes();
        var target = FindTarget(types);
        Require(types);
        var hasIds = types.ContainsKey(PredictionId);
        var time = $"CAST({EventTime} AS TIMESTAMP)";
        var label = $"CAST({Sandbox.Name(target)} AS DOUBLE)";
        var valid = $"{time} IS NOT NULL AND isfinite({label})";
        var inRange = string.Join(" AND ", Bounds(label).Prepend("true"));
        var (total, dropped) = Count(time, label, inRange);
        var quality = Examine(types, total);
        var order = string.Join(", ", new[] { time, hasIds ? PredictionId : label }.Concat(inputs.Select(input => Sandbox.Name(input.Name))));
        var columns = string.Join(", ", inputs.Select(input => Value(input, types[input.Name])));
        using var reader = sandbox.Read(
            $"SELECT {time}, {(hasIds ? $"CAST({PredictionId} AS VARCHAR)" : "NULL")}, {label}{(inputs.Count > 0 ? ", " : "")}{columns} FROM {Sandbox.Prepared} WHERE {valid} AND {inRange} ORDER BY {order}");
        var rows = ReadRows(reader, dropped, quality);
        return rows.Count >= MinRows
            ? rows
            : throw new WorkFault(string.Create(
                CultureInfo.InvariantCulture, $"Only {rows.Count} valid rows of {total} are left ({rows.DroppedText}); at least {MinRows} are needed."));
    }

    private Dictionary<string, string> ReadTypes()
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        using var reader = sandbox.Read($"DESCRIBE {Sandbox.Prepared}");
        while (reader.Read())
        {
            types[reader.GetString(0)] = reader.GetString(1);
        }

        return types;
    }

    private string FindTarget(Dictionary<string, string> types)
    {
        // Rows that monitoring joined may carry what came true under the name of its role.
        var target = types.ContainsKey(specification.Target.Name) ? specification.Target.Name : "label";
        if (!types.TryGetValue(target, out var type))
        {
            throw Missing(specification.Target.Name, "target.name", types);
        }

        return IsNumber(type) ? target : throw new WorkFault($"Column '{target}' (target.name) must be numeric, is {type}.");
    }

    private void Require(Dictionary<string, string> types)
    {
        if (!types.TryGetValue(EventTime, out var time))
        {
            throw Missing(EventTime, "dataset.prepare", types);
        }

        if (!time.StartsWith("TIMESTAMP", StringComparison.Ordinal) && time != "DATE")
        {
            throw new WorkFault($"Column '{EventTime}' must be a timestamp, is {time}.");
        }

        foreach (var input in inputs.Where(input => !types.ContainsKey(input.Name)))
        {
            throw Missing(input.Name, input.Needs, types);
        }
    }

    private static WorkFault Missing(string column, string needs, Dictionary<string, string> types) =>
        new($"The prepared rows have no column '{column}' ({needs}); they have {string.Join(", ", types.Keys)}.");

    private IEnumerable<string> Bounds(string label)
    {
        if (specification.Target.Min is { } min)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{label} >= {min:R}::DOUBLE");
        }

        if (specification.Target.Max is { } max)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{label} <= {max:R}::DOUBLE");
        }
    }

    private (long Total, IReadOnlyDictionary<string, long> Dropped) Count(string time, string label, string inRange)
    {
        using var reader = sandbox.Read(
            $"""
            SELECT count(*), count(*) FILTER ({time} IS NULL), count(*) FILTER ({time} IS NOT NULL AND NOT coalesce(isfinite({label}), false)),
              count(*) FILTER ({time} IS NOT NULL AND isfinite({label}) AND NOT ({inRange}))
            FROM {Sandbox.Prepared}
            """);
        reader.Read();
        return (reader.GetInt64(0), new Dictionary<string, long>
        {
            ["without event_time"] = reader.GetInt64(1),
            ["without target"] = reader.GetInt64(2),
            ["outside the target's range"] = reader.GetInt64(3),
        });
    }

    private DataQuality Examine(Dictionary<string, string> types, long total)
    {
        var findings = new List<string>();
        var isGood = true;
        if (total == 0 || inputs.Count == 0)
        {
            return new DataQuality(true, findings);
        }

        var measures = string.Join(", ", inputs.Select(input =>
            $"count({Sandbox.Name(input.Name)}), count({Value(input, types[input.Name])}), approx_count_distinct({Value(input, types[input.Name])})"));
        using var reader = sandbox.Read($"SELECT {measures} FROM {Sandbox.Prepared}");
        reader.Read();
        for (var i = 0; i < inputs.Count; i++)
        {
            var (present, typed, distinct) = (reader.GetInt64(3 * i), reader.GetInt64((3 * i) + 1), reader.GetInt64((3 * i) + 2));
            var (missing, violations) = ((double)(total - present) / total, (double)(present - typed) / total);
            if (violations > 0)
            {
                isGood &= violations <= MostViolations;
                findings.Add(string.Create(CultureInfo.InvariantCulture, $"{inputs[i].Name}: {violations:P2} of the values are not numbers"));
            }

            if (missing > MostMissing)
            {
                isGood = false;
                findings.Add(string.Create(CultureInfo.InvariantCulture, $"{inputs[i].Name}: {missing:P1} of the values are missing"));
            }

            if (typed > 0 && distinct == 1)
            {
                findings.Add($"{inputs[i].Name}: all values are equal");
            }
        }

        return new DataQuality(isGood, findings);
    }

    private PreparedRows ReadRows(DuckDBDataReader reader, IReadOnlyDictionary<string, long> dropped, DataQuality quality)
    {
        var (ids, times, labels) = (new List<string>(), new List<DateTime>(), new List<double>());
        var builders = inputs.Select(input => new ColumnBuilder(input)).ToArray();
        while (reader.Read())
        {
            times.Add(reader.GetDateTime(0));
            ids.Add(reader.IsDBNull(1) ? string.Create(CultureInfo.InvariantCulture, $"row-{ids.Count}") : reader.GetString(1));
            labels.Add(reader.GetDouble(2));
            for (var i = 0; i < builders.Length; i++)
            {
                builders[i].Add(reader, i + 3);
            }
        }

        var target = new TableColumn.Numeric(specification.Target.Name, labels.ToArray());
        return new PreparedRows(ids, times, new ColumnTable([.. builders.Select(builder => builder.Build()), target]), quality, dropped);
    }

    private static bool IsNumber(string type) => NumberTypes.Contains(type) || type.StartsWith("DECIMAL", StringComparison.Ordinal);

    /// <summary>A column as the kind that the specification gives it; NULL where the value is not of that kind.</summary>
    private static string Value(PreparedColumn input, string type)
    {
        var name = Sandbox.Name(input.Name);
        return input.Kind switch
        {
            ColumnKind.Numeric when IsNumber(type) => $"CAST({name} AS DOUBLE)",
            ColumnKind.Numeric => $"TRY_CAST({name} AS DOUBLE)",
            // A whole number must read the same, however wide its column is: 74, not 74.0.
            _ when type is "DOUBLE" or "FLOAT" => $"CASE WHEN {name} = floor({name}) AND abs({name}) < 1e15 THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END",
            _ => $"CAST({name} AS VARCHAR)",
        };
    }

    /// <summary>Gathers one column.</summary>
    private sealed class ColumnBuilder(PreparedColumn column)
    {
        private readonly List<double> _numbers = [];
        private readonly List<int> _codes = [];
        private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

        public void Add(DuckDBDataReader reader, int ordinal)
        {
            var isMissing = reader.IsDBNull(ordinal);
            if (column.Kind == ColumnKind.Numeric)
            {
                var value = isMissing ? double.NaN : reader.GetDouble(ordinal);
                _numbers.Add(double.IsFinite(value) ? value : double.NaN);
                return;
            }

            _codes.Add(isMissing ? -1 : Code(reader.GetString(ordinal)));
        }

        public TableColumn Build() => column.Kind == ColumnKind.Numeric
            ? new TableColumn.Numeric(column.Name, _numbers.ToArray())
            : new TableColumn.Categorical(column.Name, _codes.ToArray(), [.. _known.Keys]);

        private int Code(string text)
        {
            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, text, out var isKnown);
            return isKnown ? code : code = _known.Count - 1;
        }
    }
}
