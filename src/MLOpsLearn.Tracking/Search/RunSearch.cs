using System.Globalization;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Search;

/// <summary>Which runs a search takes by their state.</summary>
internal enum LifeView
{
    Active,
    Deleted,
    All,
}

/// <summary>
/// A search of runs: of all experiments when no ids are given; when a parent is given, only of the runs that name it as theirs.
/// </summary>
internal sealed record RunQuery(
    IReadOnlyCollection<long>? ExperimentIds, FilterNode? Filter, IReadOnlyList<OrderBy> Order, LifeView View, int MaxResults, string PageToken, string? ParentRunId, bool IsExtended);

/// <summary>Finds runs: filter, order and page in one statement over indexed columns.</summary>
internal sealed class RunSearch(TrackingDatabase database, SearchLimits limits)
{
    public const string ParentTag = "mlflow.parentRunId";

    // The data of so many runs is read at once; an answer of any length takes the same memory.
    private const int RunsPerPiece = 500;

    /// <summary>A page of runs, handed over in pieces with their data, then the token of the next page, or null.</summary>
    /// <param name="search">What to find.</param>
    /// <param name="withData">Whether the data is read too.</param>
    /// <param name="take">Takes the runs and their data; the data is null when it wasn't asked for.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<string?> FindAsync(
        RunQuery search, bool withData, Func<IReadOnlyList<RunRecord>, Dictionary<long, RunData>?, Task> take, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            await session.PlanByValuesAsync(isOn: true);
            var query = await NarrowClause.BeginAsync(session, search, limits);
            var order = RunOrder.Of(query, search.Order);
            var (runs, next) = IndexedOrder.Of(order) is { } indexed
                ? await indexed.FindAsync(session, () => Begin(query, search), search.MaxResults, search.PageToken)
                : await FindAsync(session, query, order, search);
            await session.PlanByValuesAsync(isOn: false);
            foreach (var piece in runs.Chunk(RunsPerPiece))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await take(piece, withData ? await RunReader.DataAsync(session, [.. piece.Select(run => run.Key)]) : null);
            }

            return next;
        },
        cancellationToken);

    /// <summary>How many runs a search finds on all its pages.</summary>
    public Task<long> CountAsync(RunQuery search, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            await session.PlanByValuesAsync(isOn: true);
            var query = await NarrowClause.BeginAsync(session, search, limits);
            query.Text.Append($"SELECT COUNT(*) FROM {RunFilter.Source(query)} WHERE {Conditions(query, search)}");
            var count = await session.FirstAsync(query.Text.ToString(), static row => row.GetInt64(0), query.Values);
            await session.PlanByValuesAsync(isOn: false);
            return count;
        },
        cancellationToken);

    private static (SqlQuery Query, string Conditions) Begin(SqlQuery like, RunQuery search)
    {
        var query = like.Another();
        return (query, Conditions(query, search));
    }

    private static async ValueTask<(List<RunRecord> Runs, string? Next)> FindAsync(SqlSession session, SqlQuery query, RunOrder order, RunQuery search)
    {
        query.Text.Append($"SELECT {RunRecord.Columns} FROM {RunFilter.Source(query)} {order.Joins} WHERE {Conditions(query, search)}");
        var offset = 0L;
        if (PageToken.DecodeText(search.PageToken) is { } token)
        {
            offset = AddPlace(query, order, token, search.PageToken);
        }

        // The number itself, so that PostgreSQL's plan for any number of rows is not a sort of all of them.
        query.Text.Append(CultureInfo.InvariantCulture, $" ORDER BY {order.Terms} LIMIT {search.MaxResults + 1}");
        if (offset > 0)
        {
            query.Text.Append($" OFFSET {query.Add(offset)}");
        }

        var runs = await session.QueryAsync(query.Text.ToString(), RunRecord.Read, query.Values);
        if (runs.Count <= search.MaxResults)
        {
            return (runs, null);
        }

        runs.RemoveAt(runs.Count - 1);
        return (runs, PageToken.Encode(order.IsDefault
            ? string.Create(CultureInfo.InvariantCulture, $"after:{runs[^1].StartMs}:{runs[^1].RunId}")
            : string.Create(CultureInfo.InvariantCulture, $"skip:{offset + runs.Count}")));
    }

    private static string Conditions(SqlQuery query, RunQuery search)
    {
        var conditions = new List<string>
        {
            search.View switch
            {
                LifeView.Active => "r.deleted_ms IS NULL",
                LifeView.Deleted => "r.deleted_ms IS NOT NULL",
                _ => "1 = 1",
            },
        };
        if (search.ExperimentIds is { Count: 1 } one)
        {
            conditions.Add($"r.experiment_id = {query.Add(one.First())}");
        }
        else if (search.ExperimentIds is { } several)
        {
            conditions.Add(query.Dialect.InNumbers("r.experiment_id", query.Add(query.Dialect.List(several))));
        }

        if (search.ParentRunId is { } parent)
        {
            var value = query.Add(parent);
            conditions.Add(
                $"r.run_key IN (SELECT run_key FROM tags WHERE name = {query.Add(ParentTag)} AND {query.Dialect.Beginning("value")} = {query.Add(SqlDialect.BeginningOf(parent))} AND value = {value})");
        }

        if (search.Filter is { } filter)
        {
            conditions.Add($"({RunFilter.Condition(query, filter)})");
        }

        return string.Join(" AND ", conditions);
    }

    /// <summary>Adds where the page begins; gives the number of rows to skip when it begins at a count.</summary>
    private static long AddPlace(SqlQuery query, RunOrder order, string token, string given)
    {
        var parts = token.Split(':');
        if (order.IsDefault && parts is ["after", var start, var runId] && long.TryParse(start, CultureInfo.InvariantCulture, out var startMs))
        {
            // The first comparison is what the index answers.
            var place = query.Add(startMs);
            query.Text.Append($" AND r.start_ms <= {place} AND (r.start_ms < {place} OR r.run_id > {query.Add(runId)})");
            return 0;
        }

        return !order.IsDefault && parts is ["skip", var skip] && long.TryParse(skip, NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw RpcErrors.Invalid("page_token", given, "must be the next_page_token of an answer to the same search");
    }
}
