using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The order of a search of runs: present values first, then NaN, then missing ones, in both directions; ties newest first, then by id.</summary>
internal sealed class RunOrder
{
    private const string Ties = "r.start_ms DESC, r.run_id ASC";

    private RunOrder(string joins, string terms, (RunEntity, string, bool)? only) => (Joins, Terms, Only) = (joins, terms, only);

    /// <summary>What the order needs beside the runs.</summary>
    public string Joins { get; }

    /// <summary>What follows ORDER BY.</summary>
    public string Terms { get; }

    /// <summary>The one thing that the runs are ordered by, and whether ascending, when it is one and not the default.</summary>
    public (RunEntity Entity, string Key, bool IsAscending)? Only { get; }

    /// <summary>Whether it is the order that an index has, so that a page may begin at a place instead of a count.</summary>
    public bool IsDefault { get; private init; }

    /// <summary>
    /// The default order, and what decides between equal values. Where a search begins with few runs it is one that no index has: PostgreSQL,
    /// which takes them for more than they are, would walk along the index through all runs to meet them.
    /// </summary>
    public static string TiesOf(SqlQuery query) => query.Narrow is null ? Ties : "r.start_ms + 0 DESC, r.run_id ASC";

    public static RunOrder Of(SqlQuery query, IReadOnlyList<OrderBy> keys)
    {
        var (joins, terms) = (new List<string>(), new List<string>());
        var seen = new HashSet<(RunEntity, string)>();
        foreach (var key in keys)
        {
            var field = RunField.Of(key.Name, RunField.Searchable);
            if (!seen.Add(field))
            {
                throw MLflowException.Invalid($"`order_by` contains duplicate fields: {key.Name.Key}");
            }

            Add(query, field.Entity, field.Key, key.Ascending ? "ASC" : "DESC", joins, terms);
        }

        if (terms is ["r.start_ms DESC"])
        {
            terms.Clear();
        }

        var only = terms.Count == 1 ? (seen.Single().Item1, seen.Single().Item2, keys[0].Ascending) : ((RunEntity, string, bool)?)null;
        var isDefault = terms.Count == 0;
        terms.Add(TiesOf(query));
        return new RunOrder(string.Join('\n', joins), string.Join(", ", terms), only) { IsDefault = isDefault };
    }

    private static void Add(SqlQuery query, RunEntity entity, string key, string direction, List<string> joins, List<string> terms)
    {
        var alias = $"o{joins.Count}";
        switch (entity)
        {
            case RunEntity.Metric:
                joins.Add(
                    $"LEFT JOIN latest_metrics AS {alias} ON {alias}.run_key = r.run_key AND {alias}.key_id = {query.MetricId(key)}");
                terms.Add($"CASE WHEN {alias}.run_key IS NULL THEN 2 WHEN {alias}.is_nan THEN 1 ELSE 0 END, {alias}.value {direction}");
                break;
            case RunEntity.Param or RunEntity.Tag:
                joins.Add(
                    $"LEFT JOIN {(entity == RunEntity.Param ? "params" : "tags")} AS {alias} ON {alias}.run_key = r.run_key AND {alias}.name = {query.Add(key)}");
                terms.Add($"CASE WHEN {alias}.run_key IS NULL THEN 1 ELSE 0 END, {alias}.value {query.Dialect.ByCode} {direction}");
                break;
            case RunEntity.Dataset:
                throw MLflowException.Invalid("Invalid order_by entity type 'dataset'");
            default:
                terms.Add(key switch
                {
                    "start_time" => $"r.start_ms {direction}",
                    "end_time" => $"CASE WHEN r.end_ms IS NULL THEN 1 ELSE 0 END, r.end_ms {direction}",
                    _ => $"({RunField.Expression(key)}) {query.Dialect.ByCode} {direction}",
                });
                break;
        }
    }
}
