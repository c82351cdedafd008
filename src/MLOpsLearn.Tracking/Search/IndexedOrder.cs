using System.Data.Common;
using System.Globalization;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Search;

/// <summary>
/// An order by one metric, param, tag or the start alone. An index has it for the runs that have a value; those whose metric is NaN, and those
/// without a value, follow in the default order, which has an index too. So a page begins at the place where the last one ended, wherever that
/// is, and costs the same.
/// </summary>
internal sealed class IndexedOrder
{
    // In the order in which the runs come.
    private const int Present = 0;
    private const int NotANumber = 1;
    private const int Missing = 2;

    private readonly string _name;
    private readonly string _table;
    private readonly bool _isAscending;
    private readonly RunEntity _entity;

    private IndexedOrder(RunEntity entity, string name, bool isAscending) =>
        (_entity, _name, _isAscending, _table) = (entity, name, isAscending, RunFilter.TableOf(entity));

    /// <summary>Null when no index has the order.</summary>
    public static IndexedOrder? Of(RunOrder order) => order.Only is ({ } entity, { } key, var isAscending)
        && (entity is RunEntity.Metric or RunEntity.Param or RunEntity.Tag || key == "start_time") ? new IndexedOrder(entity, key, isAscending) : null;

    /// <summary>A page of runs, and the token of the next one.</summary>
    /// <param name="session">Reads them.</param>
    /// <param name="begin">Makes the conditions of the search: a statement of its own for each part of the order.</param>
    /// <param name="most">How many runs at most.</param>
    /// <param name="pageToken">Where the page begins.</param>
    public async ValueTask<(List<RunRecord> Runs, string? Next)> FindAsync(SqlSession session, Func<(SqlQuery Query, string Conditions)> begin, int most, string pageToken)
    {
        var place = Parse(pageToken);
        var found = new List<(RunRecord Run, int Part, string Value)>();
        for (var part = place?.Part ?? Present; part <= LastPart && found.Count <= most; part++)
        {
            if (part == NotANumber && _entity != RunEntity.Metric)
            {
                continue;
            }

            var (query, conditions) = begin();
            query.Text.Append(Select(query, part)).Append(" AND ").Append(conditions);
            if (place is { } from && from.Part == part)
            {
                query.Text.Append(" AND ").Append(After(query, from));
            }

            query.Text.Append(CultureInfo.InvariantCulture, $" ORDER BY {(part == Present ? Terms(query) : RunOrder.TiesOf(query))} LIMIT {most + 1 - found.Count}");
            var current = part;
            found.AddRange(await session.QueryAsync(query.Text.ToString(), row => (RunRecord.Read(row), current, current == Present ? ValueOf(row) : ""), query.Values));
        }

        if (found.Count <= most)
        {
            return ([.. found.Select(item => item.Run)], null);
        }

        var last = found[most - 1];
        return ([.. found.Take(most).Select(item => item.Run)], PageToken.Encode(string.Create(
            CultureInfo.InvariantCulture, $"{Kind}:{last.Part}:{last.Run.StartMs}:{last.Run.RunId}:{last.Value}")));
    }

    private bool IsOfStart => _entity == RunEntity.Attribute;

    private int LastPart => IsOfStart ? Present : Missing;

    /// <summary>What a token is bound to.</summary>
    private string Kind => $"{_entity}{(_isAscending ? "+" : "-")}";

    private string Direction => _isAscending ? "ASC" : "DESC";

    private string Select(SqlQuery query, int part)
    {
        if (IsOfStart)
        {
            return $"SELECT {RunRecord.Columns}, '' FROM {RunFilter.Source(query)} WHERE 1 = 1";
        }

        var own = _entity == RunEntity.Metric ? $"o.key_id = {query.MetricId(_name)}" : $"o.name = {query.Add(_name)}";
        // Where the search begins with few runs, their values are looked up; else the values come in their order, and the runs are looked up.
        var source = query.Narrow is null && !query.IsSmall
            ? $"{_table} AS o {query.Dialect.JoinInOrder} runs AS r ON r.run_key = o.run_key"
            : $"{RunFilter.Source(query)} {query.Dialect.JoinInOrder} {_table} AS o ON o.run_key = r.run_key";
        return part == Missing
            ? $"SELECT {RunRecord.Columns} FROM {RunFilter.Source(query)} WHERE NOT EXISTS (SELECT 1 FROM {_table} AS o WHERE o.run_key = r.run_key AND {own})"
            // NaN is stored as 0 with a mark.
            : $"SELECT {RunRecord.Columns}, o.value FROM {source} WHERE {own}{(
                part == NotANumber ? " AND o.value = 0 AND o.is_nan" : _entity == RunEntity.Metric ? " AND NOT o.is_nan" : "")}";
    }

    private string Terms(SqlQuery query)
    {
        // See the ties: few runs are to be sorted, not to be met on the way along an index.
        var isNarrow = query.Narrow is not null;
        return _entity switch
        {
            RunEntity.Attribute => $"r.start_ms{(isNarrow ? " + 0" : "")} {Direction}, r.run_id",
            RunEntity.Metric => $"o.value{(isNarrow ? " + 0" : "")} {Direction}, {RunOrder.TiesOf(query)}",
            _ => $"{(isNarrow ? "" : $"{query.Dialect.Beginning("o.value")} {Direction}, ")}o.value {query.Dialect.ByCode} {Direction}, {RunOrder.TiesOf(query)}",
        };
    }

    private string ValueOf(DbDataReader row)
    {
        var column = row.FieldCount - 1;
        return IsOfStart ? "" : _entity == RunEntity.Metric ? BitConverter.DoubleToInt64Bits(row.GetDouble(column)).ToString(CultureInfo.InvariantCulture) : row.GetString(column);
    }

    /// <summary>The first comparison is what the index answers.</summary>
    private string After(SqlQuery query, Place place)
    {
        var (start, runId) = (query.Add(place.StartMs), query.Add(place.RunId));
        var sign = _isAscending ? ">" : "<";
        if (IsOfStart)
        {
            return $"r.start_ms {sign}= {start} AND (r.start_ms {sign} {start} OR r.run_id > {runId})";
        }

        var ties = $"r.start_ms <= {start} AND (r.start_ms < {start} OR r.run_id > {runId})";
        if (place.Part != Present)
        {
            return ties;
        }

        if (_entity == RunEntity.Metric)
        {
            var value = query.Add(place.Number);
            return $"o.value {sign}= {value} AND (o.value {sign} {value} OR ({ties}))";
        }

        var (column, text) = ($"(o.value {query.Dialect.ByCode})", query.Add(place.Value));
        return $"{query.Dialect.Beginning("o.value")} {sign}= {query.Add(SqlDialect.BeginningOf(place.Value))} AND ({column} {sign} {text} OR ({column} = {text} AND {ties}))";
    }

    private Place? Parse(string pageToken)
    {
        if (PageToken.DecodeText(pageToken) is not { } text)
        {
            return null;
        }

        var parts = text.Split(':', 5);
        return parts.Length == 5 && parts[0] == Kind
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var part) && part <= LastPart
            && long.TryParse(parts[2], CultureInfo.InvariantCulture, out var startMs)
            && (_entity != RunEntity.Metric || part != Present || (long.TryParse(parts[4], CultureInfo.InvariantCulture, out var bits) && !double.IsNaN(BitConverter.Int64BitsToDouble(bits))))
            ? new Place(part, startMs, parts[3], parts[4])
            : throw RpcErrors.Invalid("page_token", pageToken, "must be the next_page_token of an answer to the same search");
    }

    private readonly record struct Place(int Part, long StartMs, string RunId, string Value)
    {
        public double Number => BitConverter.Int64BitsToDouble(long.Parse(Value, CultureInfo.InvariantCulture));
    }
}
