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
            var order = RunOrder.Of(search.Order, search.ExperimentIds is { Count: 1 });
            // One more tells whether there is a next page.
            var page = new RunPage(session, query, statement => Conditions(statement, search), order, limits, search.MaxResults + 1);
            var found = await page.ReadAsync(OrderPlace.Parse(order, search.PageToken));
            await session.PlanByValuesAsync(isOn: false);
            foreach (var piece in found.Take(search.MaxResults).Select(item => item.Run).Chunk(RunsPerPiece))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await take(piece, withData ? await RunReader.DataAsync(session, [.. piece.Select(run => run.Key)]) : null);
            }

            return found.Count > search.MaxResults ? OrderPlace.TokenOf(order, found[search.MaxResults - 1].Run, found[search.MaxResults - 1].Values) : null;
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
}
