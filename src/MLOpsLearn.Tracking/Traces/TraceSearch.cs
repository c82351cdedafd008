using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.Traces;

/// <summary>Finds traces by their times, state, name, run, tags and metadata.</summary>
internal sealed class TraceSearch(TrackingDatabase database)
{
    private const string StateText = "CASE t.state WHEN 1 THEN 'OK' WHEN 2 THEN 'ERROR' WHEN 3 THEN 'IN_PROGRESS' ELSE 'STATE_UNSPECIFIED' END";
    private const string NameTag = "mlflow.traceName";
    private const string RunKey = "mlflow.sourceRun";
    private const int TagKind = 0;
    private const int MetadataKind = 1;

    private static readonly Dictionary<string, (string Expression, bool IsNumber)> Attributes = new(StringComparer.Ordinal)
    {
        ["trace_id"] = ("t.trace_id", false),
        ["request_id"] = ("t.trace_id", false),
        ["client_request_id"] = ("t.client_request_id", false),
        ["status"] = (StateText, false),
        ["state"] = (StateText, false),
        ["timestamp"] = ("t.start_ms", true),
        ["timestamp_ms"] = ("t.start_ms", true),
        ["request_time"] = ("t.start_ms", true),
        ["execution_time"] = ("t.duration_ms", true),
        ["execution_time_ms"] = ("t.duration_ms", true),
        ["experiment_id"] = ("t.experiment_id", true),
    };

    /// <summary>A page, newest first unless an order is given, and the token of the next one.</summary>
    public Task<(List<TraceRecord> Traces, string? NextToken)> FindAsync(
        IReadOnlyCollection<long> experimentIds, FilterNode? filter, IReadOnlyList<OrderBy> order, int maxResults, string pageToken, CancellationToken cancellationToken) =>
        database.ReadAsync<(List<TraceRecord>, string?)>(
            async session =>
            {
                var query = new SqlQuery(session.Dialect);
                query.Text.Append($"SELECT {TraceRecord.Columns} FROM traces AS t WHERE {query.Dialect.InNumbers("t.experiment_id", query.Add(query.Dialect.List(experimentIds)))}");
                if (filter is not null)
                {
                    query.Text.Append($" AND ({SqlComparisons.Join(filter, clause => Condition(query, clause))})");
                }

                var offset = SkipToken.OffsetOf(pageToken);
                query.Text.Append($" ORDER BY {OrderOf(query, order)} LIMIT {query.Add((long)maxResults + 1)} OFFSET {query.Add(offset)}");
                var found = await session.QueryAsync(query.Text.ToString(), TraceRecord.Read, query.Values);
                string? next = null;
                if (found.Count > maxResults)
                {
                    found.RemoveAt(maxResults);
                    next = SkipToken.After(offset + maxResults);
                }

                await TraceLog.AddDataAsync(session, found);
                return (found, next);
            },
            cancellationToken);

    private static string Condition(SqlQuery query, FilterNode.Clause clause) => clause.Name.Entity switch
    {
        null or "attribute" or "attributes" or "trace" => OfAttribute(query, clause),
        "tag" or "tags" => OfText(query, clause, TagKind, clause.Name.Key),
        "metadata" or "request_metadata" => OfText(query, clause, MetadataKind, clause.Name.Key),
        var other => throw MLflowException.Invalid(
            $"Invalid entity type '{other}'. Valid entity types are ['attribute', 'tag', 'metadata'] (at character {clause.Name.Position})"),
    };

    private static string OfAttribute(SqlQuery query, FilterNode.Clause clause)
    {
        switch (clause.Name.Key)
        {
            case "name":
                return OfText(query, clause, TagKind, NameTag);
            case "run_id":
                return OfText(query, clause, MetadataKind, RunKey);
        }

        var (expression, isNumber) = AttributeOf(clause.Name);
        if (isNumber)
        {
            SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
            return SqlComparisons.OfNumber(query, expression, clause, $"numeric attribute: {clause.Name.Key}", isWhole: true);
        }

        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrList);
        return SqlComparisons.OfText(query, expression, clause, "attributes");
    }

    private static string OfText(SqlQuery query, FilterNode.Clause clause, int kind, string name)
    {
        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrNull);
        var any = $"SELECT 1 FROM trace_texts AS x WHERE x.trace_id = t.trace_id AND x.kind = {query.Add(kind)} AND x.name = {query.Add(name)}";
        return clause.Operator switch
        {
            "IS NULL" => $"NOT EXISTS ({any})",
            "IS NOT NULL" => $"EXISTS ({any})",
            _ => $"EXISTS ({any} AND {SqlComparisons.OfText(query, "x.value", clause, "tag")})",
        };
    }

    private static string OrderOf(SqlQuery query, IReadOnlyList<OrderBy> order)
    {
        var terms = new List<string>();
        foreach (var key in order)
        {
            if (key.Name.Entity is not (null or "attribute" or "attributes" or "trace"))
            {
                throw MLflowException.Invalid($"Invalid order_by entity: {key.Name.Entity}");
            }

            var (expression, isNumber) = AttributeOf(key.Name);
            terms.Add($"CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END, ({expression}) {(isNumber ? "" : query.Dialect.ByCode)} {(key.Ascending ? "ASC" : "DESC")}");
        }

        terms.Add("t.start_ms DESC");
        terms.Add($"t.trace_id {query.Dialect.ByCode} ASC");
        return string.Join(", ", terms);
    }

    private static (string Expression, bool IsNumber) AttributeOf(FilterName name) => Attributes.TryGetValue(name.Key, out var attribute)
        ? attribute
        : throw MLflowException.Invalid(
            $"Invalid attribute key '{name.Key}' specified. Valid keys are 'name, run_id, {string.Join(", ", Attributes.Keys)}' (at character {name.Position})");
}
