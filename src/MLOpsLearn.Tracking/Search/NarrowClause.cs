using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Search;

/// <summary>Up to where a search reads all runs that it finds and sorts them: some milliseconds. What more runs fulfil is met often enough on the way along an index.</summary>
/// <param name="NarrowRuns">How many runs fulfil a clause at most that a search begins with.</param>
/// <param name="SmallSearch">How many runs the searched experiments have at most whose values are looked up.</param>
internal sealed record SearchLimits(int NarrowRuns, int SmallSearch)
{
    public static readonly SearchLimits Default = new(2000, 5000);
}

/// <summary>
/// Looks before a search which of its clauses the fewest runs fulfil, if any is fulfilled by few. SQLite keeps no statistics that would tell, and PostgreSQL's are of the table,
/// not of a metric or a param of it.
/// </summary>
internal static class NarrowClause
{
    public static async ValueTask<SqlQuery> BeginAsync(SqlSession session, RunQuery search, SearchLimits limits)
    {
        var names = Clauses(search.Filter).Select(clause => clause.Name).Concat(search.Order.Select(order => order.Name))
            .Where(name => name.Entity is "metric" or "metrics").Select(name => name.Key).Distinct().ToList();
        var ids = new Dictionary<string, long>(StringComparer.Ordinal);
        if (names.Count > 0)
        {
            await session.ForEachAsync(
                $"SELECT name, id FROM metric_keys WHERE {session.Dialect.InTexts("name", "@p0")}", row => ids[row.GetString(0)] = row.GetInt64(1), session.Dialect.List(names));
        }

        var (narrow, fewest) = ((FilterNode.Clause?)null, limits.NarrowRuns + 1L);
        // Of clauses joined by OR none narrows the search.
        foreach (var clause in search.Filter is FilterNode.All all ? all.Nodes.OfType<FilterNode.Clause>() : search.Filter is FilterNode.Clause only ? [only] : [])
        {
            var query = new SqlQuery(session.Dialect) { MetricIds = ids };
            if (Rows(query, clause) is { } rows
                && await session.FirstAsync($"SELECT COUNT(*) FROM (SELECT 1 FROM {rows} LIMIT {fewest}) AS few", static row => row.GetInt64(0), query.Values) is var count
                && count < fewest)
            {
                (narrow, fewest) = (clause, count);
            }
        }

        return new SqlQuery(session.Dialect)
        {
            MetricIds = ids,
            IsExtended = search.IsExtended,
            Narrow = narrow,
            IsSmall = search.Order.Count > 0 && narrow is null && await IsSmallAsync(session, search, limits.SmallSearch),
        };
    }

    private static async ValueTask<bool> IsSmallAsync(SqlSession session, RunQuery search, int most) => search.ParentRunId is not null || (search.ExperimentIds is { } ids
        && await session.FirstAsync(
            $"SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE {session.Dialect.InNumbers("experiment_id", "@p0")} LIMIT {most + 1}) AS few",
            static row => row.GetInt64(0),
            session.Dialect.List(ids)) <= most);

    /// <summary>The entries of an index among which all runs are that fulfil a clause; null when there is no such index.</summary>
    private static string? Rows(SqlQuery query, FilterNode.Clause clause)
    {
        var (entity, key) = RunField.Of(clause.Name, RunField.Searchable);
        return (entity, clause.Operator) switch
        {
            (RunEntity.Metric, "=" or "<" or "<=" or ">" or ">=") =>
                $"{RunFilter.TableOf(entity)} AS t WHERE t.key_id = {query.MetricId(key)} AND {SqlComparisons.OfNumber(query, "t.value", clause, "metric", isWhole: false)}",
            (RunEntity.Param or RunEntity.Tag, "=" or "IN") =>
                $"{RunFilter.TableOf(entity)} AS t WHERE t.name = {query.Add(key)} AND {SqlComparisons.OfBeginning(query, "t.value", clause, entity == RunEntity.Param ? "parameter" : "tag")}",
            _ => null,
        };
    }

    private static IEnumerable<FilterNode.Clause> Clauses(FilterNode? node) => node switch
    {
        FilterNode.Clause clause => [clause],
        FilterNode.All all => all.Nodes.SelectMany(Clauses),
        FilterNode.Any any => any.Nodes.SelectMany(Clauses),
        _ => [],
    };
}
