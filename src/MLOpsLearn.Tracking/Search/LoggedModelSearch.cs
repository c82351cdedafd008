using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.LoggedModels;

namespace MLOpsLearn.Tracking.Search;

/// <summary>By what logged models are ordered; a metric may be of one dataset only.</summary>
internal sealed record LoggedModelOrder(FilterName Name, bool Ascending, string? DatasetName, string? DatasetDigest);

/// <summary>A search of logged models. When there are datasets, metrics of its filter count on these only; without such metrics, models that have any metric on one of them are found.</summary>
internal sealed record LoggedModelQuery(
    IReadOnlyCollection<long> ExperimentIds, FilterNode? Filter, IReadOnlyList<(string Name, string? Digest)> Datasets, IReadOnlyList<LoggedModelOrder> Order, int MaxResults, string PageToken)
{
    /// <summary>What a page token is bound to.</summary>
    public string Fingerprint(string filterText) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\0', [.. ExperimentIds.Select(id => id.ToString(CultureInfo.InvariantCulture)), filterText, .. Datasets.Select(dataset => dataset.ToString()), .. Order.Select(order => order.ToString())]))))[..16];
}

/// <summary>Finds logged models.</summary>
internal sealed class LoggedModelSearch(TrackingDatabase database)
{
    private const string StatusText = "CASE l.status WHEN 1 THEN 'PENDING' WHEN 2 THEN 'READY' WHEN 3 THEN 'FAILED' ELSE 'UNSPECIFIED' END";

    private static readonly Dictionary<string, (string Expression, bool IsNumber)> Attributes = new(StringComparer.Ordinal)
    {
        ["name"] = ("l.name", false),
        ["model_id"] = ("l.model_id", false),
        ["model_type"] = ("l.model_type", false),
        ["status"] = (StatusText, false),
        ["source_run_id"] = ("l.source_run_id", false),
        ["experiment_id"] = ("CAST(l.experiment_id AS TEXT)", false),
        ["creation_timestamp"] = ("l.created_ms", true),
        ["creation_time"] = ("l.created_ms", true),
        ["last_updated_timestamp"] = ("l.updated_ms", true),
    };

    /// <summary>A page, and the token of the next one.</summary>
    public Task<(List<LoggedModelRecord> Models, string? NextToken)> FindAsync(LoggedModelQuery search, string fingerprint, CancellationToken cancellationToken) =>
        database.ReadAsync<(List<LoggedModelRecord>, string?)>(
            async session =>
            {
                var query = new SqlQuery(session.Dialect);
                var (joins, terms) = OrderOf(query, search.Order);
                query.Text.Append($"SELECT {LoggedModelRecord.Columns} FROM logged_models AS l {joins} WHERE l.deleted_ms IS NULL");
                query.Text.Append($" AND {query.Dialect.InNumbers("l.experiment_id", query.Add(query.Dialect.List(search.ExperimentIds)))}");
                if (search.Filter is not null)
                {
                    query.Text.Append($" AND ({Condition(query, search.Filter, search.Datasets)})");
                }

                if (search.Datasets.Count > 0 && !AsksForMetrics(search.Filter))
                {
                    query.Text.Append(
                        $" AND EXISTS (SELECT 1 FROM logged_model_metrics AS m WHERE m.model_id = l.model_id AND ({OnDatasets(query, search.Datasets)}))");
                }

                var offset = OffsetOf(search.PageToken, fingerprint);
                query.Text.Append($" ORDER BY {terms} LIMIT {query.Add((long)search.MaxResults + 1)} OFFSET {query.Add(offset)}");
                var found = await session.QueryAsync(query.Text.ToString(), LoggedModelRecord.Read, query.Values);
                string? next = null;
                if (found.Count > search.MaxResults)
                {
                    found.RemoveAt(search.MaxResults);
                    next = PageToken.Encode(string.Create(CultureInfo.InvariantCulture, $"{fingerprint}:{offset + search.MaxResults}"));
                }

                await LoggedModelLog.AddDataAsync(session, found);
                return (found, next);
            },
            cancellationToken);

    private static string Condition(SqlQuery query, FilterNode node, IReadOnlyList<(string Name, string? Digest)> datasets) => node switch
    {
        FilterNode.All all => string.Join(" AND ", all.Nodes.Select(part => $"({Condition(query, part, datasets)})")),
        FilterNode.Any any => string.Join(" OR ", any.Nodes.Select(part => $"({Condition(query, part, datasets)})")),
        FilterNode.Clause clause => clause.Name.Entity switch
        {
            null or "attributes" => OfAttribute(query, clause),
            "metrics" => OfMetric(query, clause, datasets),
            "params" => OfText(query, clause, 0, "params"),
            "tags" => OfText(query, clause, 1, "tags"),
            var other => throw MLflowException.Invalid(
                $"Invalid entity type '{other}'. Expected one of: ['attributes', 'metrics', 'params', 'tags'] (at character {clause.Name.Position})"),
        },
        _ => throw new InvalidOperationException("There is no other kind of node."),
    };

    private static string OfAttribute(SqlQuery query, FilterNode.Clause clause)
    {
        var (expression, isNumber) = AttributeOf(clause.Name);
        if (isNumber)
        {
            SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
            return SqlComparisons.OfNumber(query, expression, clause, $"numeric attribute: {clause.Name.Key}", isWhole: true);
        }

        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrList);
        return SqlComparisons.OfText(query, expression, clause, "attributes");
    }

    private static string OfMetric(SqlQuery query, FilterNode.Clause clause, IReadOnlyList<(string Name, string? Digest)> datasets)
    {
        SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
        var onDatasets = OnDatasets(query, datasets);
        return $"""
            EXISTS (SELECT 1 FROM logged_model_metrics AS m WHERE m.model_id = l.model_id AND m.name = {query.Add(clause.Name.Key)} AND NOT m.is_nan
            AND {SqlComparisons.OfNumber(query, "m.value", clause, "metric", isWhole: false)}{(onDatasets.Length == 0 ? "" : $" AND ({onDatasets})")})
            """;
    }

    private static bool AsksForMetrics(FilterNode? node) => node switch
    {
        FilterNode.All all => all.Nodes.Any(AsksForMetrics),
        FilterNode.Any any => any.Nodes.Any(AsksForMetrics),
        FilterNode.Clause clause => clause.Name.Entity == "metrics",
        _ => false,
    };

    private static string OnDatasets(SqlQuery query, IReadOnlyList<(string Name, string? Digest)> datasets) => string.Join(" OR ", datasets.Select(dataset =>
        $"(m.dataset_name = {query.Add(dataset.Name)}{(dataset.Digest is null ? "" : $" AND m.dataset_digest = {query.Add(dataset.Digest)}")})"));

    private static string OfText(SqlQuery query, FilterNode.Clause clause, int kind, string what)
    {
        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrList);
        return $"""
            EXISTS (SELECT 1 FROM logged_model_texts AS t WHERE t.model_id = l.model_id AND t.kind = {query.Add(kind)} AND t.name = {query.Add(clause.Name.Key)}
            AND {SqlComparisons.OfText(query, "t.value", clause, what)})
            """;
    }

    private static (string Joins, string Terms) OrderOf(SqlQuery query, IReadOnlyList<LoggedModelOrder> order)
    {
        var (joins, terms) = (new StringBuilder(), new List<string>());
        foreach (var key in order)
        {
            var direction = key.Ascending ? "ASC" : "DESC";
            if (key.Name.Entity is null or "attributes")
            {
                var (expression, isNumber) = AttributeOf(key.Name);
                terms.Add($"CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END, ({expression}) {(isNumber ? "" : query.Dialect.ByCode)} {direction}");
                continue;
            }

            if (key.Name.Entity != "metrics")
            {
                throw MLflowException.Invalid($"Invalid order by field name: {key.Name.Entity}.{key.Name.Key}. Only attributes and metrics are supported.");
            }

            // Of several values the latest counts, so that a model stays one row.
            var alias = $"o{terms.Count}";
            var dataset = key.DatasetName is null ? "" : $" AND m.dataset_name = {query.Add(key.DatasetName)}";
            var digest = key.DatasetDigest is null ? "" : $" AND m.dataset_digest = {query.Add(key.DatasetDigest)}";
            joins.Append(
                $"""
                 LEFT JOIN (SELECT model_id, value, is_nan, ROW_NUMBER() OVER (PARTITION BY model_id ORDER BY time_ms DESC, step DESC) AS place
                FROM logged_model_metrics AS m WHERE m.name = {query.Add(key.Name.Key)}{dataset}{digest}) AS {alias} ON {alias}.model_id = l.model_id AND {alias}.place = 1
                """);
            terms.Add($"CASE WHEN {alias}.model_id IS NULL THEN 2 WHEN {alias}.is_nan THEN 1 ELSE 0 END, {alias}.value {direction}");
        }

        terms.Add("l.created_ms DESC");
        terms.Add($"l.model_id {query.Dialect.ByCode} ASC");
        return (joins.ToString(), string.Join(", ", terms));
    }

    private static (string Expression, bool IsNumber) AttributeOf(FilterName name) => Attributes.TryGetValue(name.Key, out var attribute)
        ? attribute
        : throw MLflowException.Invalid(
            $"Invalid attribute key '{name.Key}' specified. Valid keys are '{string.Join(", ", Attributes.Keys)}' (at character {name.Position})");

    private static long OffsetOf(string token, string fingerprint) => PageToken.DecodeText(token) is not { } text ? 0
        : text.StartsWith(fingerprint + ":", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(fingerprint.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            ? offset
            : throw MLflowException.Invalid("Invalid page token: it belongs to another search.");
}
