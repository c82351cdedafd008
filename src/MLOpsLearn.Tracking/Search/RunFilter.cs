using System.Globalization;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Tracking.Search;

/// <summary>The filter of a search of runs as a condition on the table alias r.</summary>
internal static class RunFilter
{
    /// <summary>The text of a state, which is stored as a number.</summary>
    public const string StatusText =
        "CASE r.status WHEN 1 THEN 'RUNNING' WHEN 2 THEN 'FINISHED' WHEN 3 THEN 'FAILED' WHEN 4 THEN 'KILLED' WHEN 5 THEN 'SCHEDULED' ELSE '' END";

    /// <summary>The alias of the rows that a search with a narrow clause begins with.</summary>
    private const string NarrowRow = "f";

    // Above every limit of what counts as few, for the case that some are added between the counting and the reading.
    private const int MostFew = 10_000;

    /// <summary>What follows FROM: the runs, as the table alias r.</summary>
    public static string Source(SqlQuery query)
    {
        if (query.Narrow is not { } narrow)
        {
            return "runs AS r";
        }

        var (entity, key) = RunField.Of(narrow.Name, RunField.Searchable);
        return Few(query, $"{TableOf(entity)} AS {NarrowRow} WHERE {OfRow(query, narrow, entity, key, NarrowRow)}", NarrowRow);
    }

    /// <summary>
    /// The runs of few rows. PostgreSQL, whose statistics are of all metrics together, would take a narrow one for millions of rows and read the runs first;
    /// the limit, which is never reached, tells it.
    /// </summary>
    public static string Few(SqlQuery query, string rows, string alias) => string.Create(
        CultureInfo.InvariantCulture, $"(SELECT {alias}.run_key FROM {rows} LIMIT {MostFew}) AS {alias} {query.Dialect.JoinInOrder} runs AS r ON r.run_key = {alias}.run_key");

    /// <summary>Where the values are kept that a run has one of by each name.</summary>
    public static string TableOf(RunEntity entity) => entity switch
    {
        RunEntity.Metric => "latest_metrics",
        RunEntity.Param => "params",
        _ => "tags",
    };

    public static string Condition(SqlQuery query, FilterNode node) => SqlComparisons.Join(node, clause => Condition(query, clause));

    private static string Condition(SqlQuery query, FilterNode.Clause clause)
    {
        var (entity, key) = RunField.Of(clause.Name, RunField.Searchable);
        switch (entity)
        {
            case RunEntity.Metric:
                SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
                return Holds(query, clause, entity, key);
            case RunEntity.Param or RunEntity.Tag:
                return OfPair(query, clause, entity, key);
            case RunEntity.Dataset:
                return OfDataset(query, clause, key);
            default:
                return OfAttribute(query, clause, key);
        }
    }

    private static string OfPair(SqlQuery query, FilterNode.Clause clause, RunEntity entity, string key)
    {
        var table = TableOf(entity);
        SqlComparisons.CheckOperator(clause, query.IsExtended ? SqlComparisons.TextOrListOrNull : SqlComparisons.TextOrNull);
        return clause.Operator switch
        {
            "IS NULL" => $"NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.run_key = r.run_key AND t.name = {query.Add(key)})",
            "IS NOT NULL" => $"EXISTS (SELECT 1 FROM {table} AS t WHERE t.run_key = r.run_key AND t.name = {query.Add(key)})",
            _ => Holds(query, clause, entity, key),
        };
    }

    /// <summary>A run has such a row: the one that the search begins with, or one that is looked up by the run.</summary>
    private static string Holds(SqlQuery query, FilterNode.Clause clause, RunEntity entity, string key) =>
        clause == query.Narrow ? "1 = 1" : $"EXISTS (SELECT 1 FROM {TableOf(entity)} AS t WHERE t.run_key = r.run_key AND {OfRow(query, clause, entity, key, "t")})";

    private static string OfRow(SqlQuery query, FilterNode.Clause clause, RunEntity entity, string key, string row)
    {
        if (entity == RunEntity.Metric)
        {
            return $"{row}.key_id = {query.MetricId(key)} AND NOT {row}.is_nan AND {SqlComparisons.OfNumber(query, $"{row}.value", clause, "metric", isWhole: false)}";
        }

        var what = entity == RunEntity.Param ? "parameter" : "tag";
        // A row that is looked up by its run must not be looked for by its value.
        return $"{row}.name = {query.Add(key)} AND {SqlComparisons.OfText(query, $"{row}.value", clause, what)}{(
            row == NarrowRow ? $" AND {SqlComparisons.OfBeginning(query, $"{row}.value", clause, what)}" : "")}";
    }

    private static string OfAttribute(SqlQuery query, FilterNode.Clause clause, string key)
    {
        if (key is "start_time" or "end_time")
        {
            SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
            return SqlComparisons.OfNumber(query, key == "start_time" ? "r.start_ms" : "r.end_ms", clause, $"numeric attribute: {key}", isWhole: true);
        }

        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrList);
        if (clause.Value.Kind == FilterValueKind.Texts && key != "run_id" && !query.IsExtended)
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
