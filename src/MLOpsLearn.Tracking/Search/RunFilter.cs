using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The filter of a search of runs as a condition on the table alias r.</summary>
internal static class RunFilter
{
    /// <summary>The text of a state, which is stored as a number.</summary>
    public const string StatusText =
        "CASE r.status WHEN 1 THEN 'RUNNING' WHEN 2 THEN 'FINISHED' WHEN 3 THEN 'FAILED' WHEN 4 THEN 'KILLED' WHEN 5 THEN 'SCHEDULED' ELSE '' END";

    public static string Condition(SqlQuery query, FilterNode node) => node switch
    {
        FilterNode.All all => string.Join(" AND ", all.Nodes.Select(part => $"({Condition(query, part)})")),
        FilterNode.Any any => string.Join(" OR ", any.Nodes.Select(part => $"({Condition(query, part)})")),
        FilterNode.Clause clause => Condition(query, clause),
        _ => throw new InvalidOperationException("There is no other kind of node."),
    };

    private static string Condition(SqlQuery query, FilterNode.Clause clause)
    {
        var (entity, key) = RunField.Of(clause.Name, RunField.Searchable);
        switch (entity)
        {
            case RunEntity.Metric:
                SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
                var name = query.Add(key);
                return $"""
                    EXISTS (SELECT 1 FROM latest_metrics AS m WHERE m.run_key = r.run_key AND m.key_id = (SELECT id FROM metric_keys WHERE name = {name})
                    AND NOT m.is_nan AND {SqlComparisons.OfNumber(query, "m.value", clause, "metric", isWhole: false)})
                    """;
            case RunEntity.Param:
                return OfPair(query, clause, "params", key, "parameter");
            case RunEntity.Tag:
                return OfPair(query, clause, "tags", key, "tag");
            case RunEntity.Dataset:
                return OfDataset(query, clause, key);
            default:
                return OfAttribute(query, clause, key);
        }
    }

    private static string OfPair(SqlQuery query, FilterNode.Clause clause, string table, string key, string what)
    {
        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrNull);
        var name = query.Add(key);
        return clause.Operator switch
        {
            "IS NULL" => $"NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.run_key = r.run_key AND t.name = {name})",
            "IS NOT NULL" => $"EXISTS (SELECT 1 FROM {table} AS t WHERE t.run_key = r.run_key AND t.name = {name})",
            // What is equal is found by the index on values, and is little as a rule; anything else is looked at run by run.
            "=" => $"r.run_key IN (SELECT run_key FROM {table} WHERE name = {name} AND {SqlComparisons.OfIndexedText(query, "value", clause, what)})",
            _ => $"EXISTS (SELECT 1 FROM {table} AS t WHERE t.run_key = r.run_key AND t.name = {name} AND {SqlComparisons.OfText(query, "t.value", clause, what)})",
        };
    }

    private static string OfAttribute(SqlQuery query, FilterNode.Clause clause, string key)
    {
        if (key is "start_time" or "end_time")
        {
            SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
            return SqlComparisons.OfNumber(query, key == "start_time" ? "r.start_ms" : "r.end_ms", clause, $"numeric attribute: {key}", isWhole: true);
        }

        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrList);
        if (clause.Value.Kind == FilterValueKind.Texts && key != "run_id")
        {
            throw MLflowException.Invalid("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
        }

        return SqlComparisons.OfText(query, RunField.Expression(key), clause, "attributes");
    }

    /// <summary>One dataset that matches is enough, whichever contract it came by.</summary>
    private static string OfDataset(SqlQuery query, FilterNode.Clause clause, string key)
    {
        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrList);
        var (mlflow, native) = key switch
        {
            "name" => ("d.name", "n.\"Name\""),
            "digest" => ("d.digest", "substr(n.\"Sha256\", 1, 32)"),
            _ => ("i.context", "n.\"Context\""),
        };
        return $"""
            (EXISTS (SELECT 1 FROM dataset_inputs AS i JOIN input_datasets AS d ON d.id = i.dataset_id
            WHERE i.run_key = r.run_key AND {SqlComparisons.OfText(query, mlflow, clause, "dataset attributes")})
            OR EXISTS (SELECT 1 FROM datasets AS n WHERE n."RunKey" = r.run_key AND {SqlComparisons.OfText(query, native, clause, "dataset attributes")}))
            """;
    }
}
