using System.Globalization;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Search;

/// <summary>
/// One page of a search in its order. The runs are met in the order of the first key, along its index, until they are enough; those that have one
/// value of it, as many as they may be, are found by the next key in the same way, and in the end by the ties, which are an order of an index too.
/// So a page costs the same wherever it begins, and nothing is sorted but what is on it. Only where few runs are left, or where no index has the
/// order, is what is left sorted.
/// </summary>
/// <param name="session">Reads the runs.</param>
/// <param name="query">What is known of the search.</param>
/// <param name="conditions">Adds the conditions of the search to a statement.</param>
/// <param name="order">In what order they come.</param>
/// <param name="limits">What counts as few.</param>
/// <param name="most">How many runs are wanted at most.</param>
internal sealed class RunPage(SqlSession session, SqlQuery query, Func<SqlQuery, string> conditions, RunOrder order, SearchLimits limits, int most)
{
    private readonly List<(RunRecord Run, OrderValue[] Values)> _found = [];

    private int Wanted => most - _found.Count;

    /// <summary>The runs that come after a place, or the first ones, each with what it has of the keys.</summary>
    public async ValueTask<IReadOnlyList<(RunRecord Run, OrderValue[] Values)>> ReadAsync(OrderPlace? place)
    {
        if (query.Narrow is not null || query.IsSmall)
        {
            await SortAsync([], place, isFew: query.Narrow is not null);
        }
        else
        {
            await FillAsync([], place);
        }

        return _found;
    }

    /// <summary>Adds runs that have these values of the first keys.</summary>
    private async ValueTask FillAsync(OrderValue[] held, OrderPlace? place)
    {
        var few = held.Length == 0 ? null : await CountFewAsync(held);
        if (few == 0)
        {
            return;
        }

        if (few is not null || held.Length == order.Keys.Count || !order.Keys[held.Length].IsIndexed || IsOpen(held))
        {
            await SortAsync(held, place, isFew: few is not null);
            return;
        }

        var key = order.Keys[held.Length];
        foreach (var rank in key.Ranks.Where(rank => place is null || rank >= place.Values[held.Length].Rank))
        {
            if (Wanted == 0)
            {
                return;
            }

            var from = place is not null && place.Values[held.Length].Rank == rank ? place : null;
            if (!key.HasValues(rank))
            {
                await FillAsync([.. held, new OrderValue(rank, null)], from);
                continue;
            }

            if (from is not null)
            {
                await FillAsync([.. held, from.Values[held.Length]], from);
            }

            await FollowAsync(held, key, from?.Values[held.Length].Value);
        }
    }

    /// <summary>Adds runs along the index of the next key, after one of its values.</summary>
    private async ValueTask FollowAsync(OrderValue[] held, OrderKey key, object? after)
    {
        var wanted = Wanted;
        if (wanted == 0)
        {
            return;
        }

        var statement = query.Another();
        statement.Text.Append($"SELECT r.run_key, {key.Column("o")} FROM {key.OrderedSource(statement)} WHERE {key.OrderedCondition(statement, after)} AND {conditions(statement)}{Holds(statement, held)}");
        // One more tells whether the last value goes on.
        statement.Text.Append(CultureInfo.InvariantCulture, $" ORDER BY {key.OrderedTerms(statement)} LIMIT {wanted + 1}");
        var met = await session.QueryAsync(statement.Text.ToString(), row => (Key: row.GetInt64(0), Value: key.Read(row, 1)), statement.Values);
        var isCut = met.Count > wanted && key.IndexValueOf(met[^1].Value).Equals(key.IndexValueOf(met[^2].Value));
        var last = met.Count > 0 ? met[^1].Value : null;
        var whole = isCut ? met.FindIndex(item => key.IndexValueOf(item.Value).Equals(key.IndexValueOf(last!))) : Math.Min(met.Count, wanted);
        await TakeAsync(held, key, met[..whole]);
        if (isCut)
        {
            await FillAsync([.. held, new OrderValue(0, last)], place: null);
        }
    }

    /// <summary>Adds runs that were met along an index, all that there are of their values.</summary>
    private async ValueTask TakeAsync(OrderValue[] held, OrderKey key, List<(long Key, object Value)> met)
    {
        if (met.Count == 0)
        {
            return;
        }

        // A value may have changed meanwhile; the run stays where it was met, or the next page would go on elsewhere.
        var places = new Dictionary<long, (int Group, object Value)>(met.Count);
        var (group, before) = (0, (object?)null);
        foreach (var (run, value) in met)
        {
            var indexed = key.IndexValueOf(value);
            group += indexed.Equals(before) ? 0 : 1;
            before = indexed;
            places[run] = (group, value);
        }

        var statement = query.Another();
        var runs = await ReadAsync(statement, held, "runs AS r", statement.Dialect.InNumbers("r.run_key", statement.Add(statement.Dialect.List(places.Keys))), place: null, RunOrder.SortedTies, met.Count);
        foreach (var (run, values) in runs.OrderBy(item => places[item.Run.Key].Group))
        {
            values[held.Length] = new OrderValue(0, places[run.Key].Value);
            _found.Add((run, values));
        }
    }

    /// <summary>Adds runs that have these values of the first keys, sorted by the others.</summary>
    private async ValueTask SortAsync(OrderValue[] held, OrderPlace? place, bool isFew)
    {
        var statement = query.Another();
        var source = RunFilter.Source(statement);
        var condition = "";
        var isOpen = IsOpen(held);
        var sorted = isOpen ? held[..^1] : held;
        if (held.Length > 0)
        {
            var key = order.Keys[held.Length - 1];
            var isOwnTable = isFew && key.Table is not null && held[^1].Rank != OrderKey.Missing;
            source = isOwnTable ? RunFilter.Few(statement, $"{key.Table} AS o WHERE {key.HoldsIndexed(statement, held[^1])}", "o") : source;
            condition = (isOwnTable ? "1 = 1" : key.Table is null ? key.HoldsIndexed(statement, held[^1]) : isOpen ? key.HasBeginning(statement, Alias(held.Length - 1), held[^1]) : key.Holds(statement, held[^1]))
                + Holds(statement, held[..^1]) + " AND ";
        }

        var ties = isFew ? RunOrder.SortedTies : sorted.Length == order.Keys.Count && held.Length > 0 ? order.Keys[^1].ConstantTerm(held[^1]) + RunOrder.Ties : RunOrder.Ties;
        _found.AddRange(await ReadAsync(statement, sorted, source, condition + conditions(statement), place, ties, Wanted));
    }

    /// <summary>Runs by the keys after the first ones, whose values are given.</summary>
    private async ValueTask<List<(RunRecord Run, OrderValue[] Values)>> ReadAsync(
        SqlQuery statement, OrderValue[] held, string source, string condition, OrderPlace? place, string ties, int count)
    {
        var keys = order.Keys.Skip(held.Length).Select((key, i) => (Key: key, Alias: Alias(held.Length + i))).ToList();
        statement.Text.Append($"SELECT {RunRecord.Columns}");
        foreach (var (key, alias) in keys)
        {
            statement.Text.Append($", {key.Rank(alias)}, {key.Column(alias)}");
        }

        statement.Text.Append($" FROM {source}");
        foreach (var (key, alias) in keys)
        {
            statement.Text.Append(key.Join(statement, alias));
        }

        statement.Text.Append($" WHERE {condition}");
        if (place is not null)
        {
            // The first comparison of the ties is what an index answers.
            var (start, runId) = (statement.Add(place.StartMs), statement.Add(place.RunId));
            var after = $"r.start_ms <= {start} AND (r.start_ms < {start} OR r.run_id > {runId})";
            for (var i = keys.Count - 1; i >= 0; i--)
            {
                after = keys[i].Key.After(statement, keys[i].Alias, place.Values[held.Length + i], after);
            }

            statement.Text.Append($" AND {after}");
        }

        // The number itself, so that PostgreSQL's plan for any number of rows is not a sort of all of them.
        statement.Text.Append(CultureInfo.InvariantCulture, $" ORDER BY {string.Concat(keys.Select(item => item.Key.Terms(statement, item.Alias) + ", "))}{ties} LIMIT {count}");
        return await session.QueryAsync(
            statement.Text.ToString(),
            row =>
            {
                var values = order.Keys.Count == 0 ? [] : new OrderValue[order.Keys.Count];
                held.CopyTo(values, 0);
                for (var i = 0; i < keys.Count; i++)
                {
                    var column = RunRecord.ColumnCount + (i * 2);
                    var rank = row.GetInt32(column);
                    values[held.Length + i] = new OrderValue(rank, keys[i].Key.HasValues(rank) ? keys[i].Key.Read(row, column + 1) : null);
                }

                return (RunRecord.Read(row), values);
            },
            statement.Values);
    }

    /// <summary>How many runs of all experiments have the last of these values, if they are few, or how many of the searched ones; else null.</summary>
    private async ValueTask<long?> CountFewAsync(OrderValue[] held)
    {
        var key = order.Keys[held.Length - 1];
        if (key.Table is null ? held.Length == order.Keys.Count : held[^1].Rank == OrderKey.Missing)
        {
            // The index of an attribute has the ties; that a value is missing no index says.
            return null;
        }

        var statement = query.Another();
        var rows = key.Table is null ? $"runs AS r WHERE {key.HoldsIndexed(statement, held[^1])} AND {conditions(statement)}" : $"{key.Table} AS o WHERE {key.HoldsIndexed(statement, held[^1])}";
        var count = await session.FirstAsync(
            $"SELECT COUNT(*) FROM (SELECT 1 FROM {rows} LIMIT {limits.NarrowRuns + 1}) AS few", static row => row.GetInt64(0), statement.Values);
        return count <= limits.NarrowRuns ? count : null;
    }

    /// <summary>Whether the last of these values is a long text, of which the index has the beginning only.</summary>
    private bool IsOpen(OrderValue[] held) => held.Length > 0 && !order.Keys[held.Length - 1].IsWhole(held[^1]);

    private string Holds(SqlQuery statement, OrderValue[] held) => string.Concat(held.Select((value, i) => " AND " + order.Keys[i].Holds(statement, value)));

    private static string Alias(int key) => string.Create(CultureInfo.InvariantCulture, $"o{key}");
}
