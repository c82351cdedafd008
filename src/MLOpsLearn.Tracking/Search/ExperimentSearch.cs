using MLOpsLearn.Contracts;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;

namespace MLOpsLearn.Tracking.Search;

/// <summary>Finds experiments by name, times and tags.</summary>
internal sealed class ExperimentSearch(TrackingDatabase database)
{
    private static readonly string[] Attributes = ["name", "creation_time", "last_update_time"];
    private static readonly string[] Orders = ["name", "experiment_id", "creation_time", "last_update_time"];

    /// <summary>A page, and the token of the next one.</summary>
    public Task<(List<ExperimentRecord> Experiments, string? NextToken)> FindAsync(
        FilterNode? filter, IReadOnlyList<OrderBy> order, LifeView view, int maxResults, string pageToken, CancellationToken cancellationToken) =>
        database.ReadAsync<(List<ExperimentRecord>, string?)>(
            async session =>
            {
                var query = new SqlQuery(session.Dialect);
                query.Text.Append($"SELECT {ExperimentRecord.Columns} FROM experiments AS e WHERE e.workspace = {query.Add(Workspaces.Default)}");
                query.Text.Append(view switch { LifeView.Active => " AND NOT e.is_deleted", LifeView.Deleted => " AND e.is_deleted", _ => "" });
                if (filter is not null)
                {
                    query.Text.Append($" AND ({SqlComparisons.Join(filter, clause => Condition(query, clause))})");
                }

                var offset = SkipToken.OffsetOf(pageToken);
                query.Text.Append($" ORDER BY {OrderOf(query, order)} LIMIT {query.Add((long)maxResults + 1)} OFFSET {query.Add(offset)}");
                var found = await session.QueryAsync(query.Text.ToString(), ExperimentRecord.Read, query.Values);
                string? next = null;
                if (found.Count > maxResults)
                {
                    found.RemoveAt(maxResults);
                    next = SkipToken.After(offset + maxResults);
                }

                await ExperimentReader.AddTagsAsync(session, found);
                return (found, next);
            },
            cancellationToken);

    private static string Condition(SqlQuery query, FilterNode.Clause clause) => clause.Name.Entity switch
    {
        null or "attribute" => OfAttribute(query, clause),
        "tag" or "tags" => OfTag(query, clause),
        var other => throw MLflowException.Invalid(
            $"Invalid entity type '{other}'. Valid entity types are ['attribute', 'tag', 'tags'] (at character {clause.Name.Position})"),
    };

    private static string OfAttribute(SqlQuery query, FilterNode.Clause clause)
    {
        Check(clause.Name, Attributes);
        if (clause.Name.Key == "name")
        {
            SqlComparisons.CheckOperator(clause, SqlComparisons.Text);
            return SqlComparisons.OfText(query, "e.name", clause, "attribute: name");
        }

        SqlComparisons.CheckOperator(clause, SqlComparisons.Numeric);
        var column = clause.Name.Key == "creation_time" ? "e.created_ms" : "e.updated_ms";
        return SqlComparisons.OfNumber(query, column, clause, $"numeric attribute: {clause.Name.Key}", isWhole: true);
    }

    private static string OfTag(SqlQuery query, FilterNode.Clause clause)
    {
        SqlComparisons.CheckOperator(clause, SqlComparisons.TextOrNull);
        var any = $"SELECT 1 FROM experiment_tags AS t WHERE t.experiment_id = e.id AND t.name = {query.Add(clause.Name.Key)}";
        return clause.Operator switch
        {
            "IS NULL" => $"NOT EXISTS ({any})",
            "IS NOT NULL" => $"EXISTS ({any})",
            _ => $"EXISTS ({any} AND {SqlComparisons.OfText(query, "t.value", clause, "tag")})",
        };
    }

    private static string OrderOf(SqlQuery query, IReadOnlyList<OrderBy> order)
    {
        var terms = new List<string>();
        foreach (var key in order)
        {
            if (key.Name.Entity is not (null or "attribute"))
            {
                throw MLflowException.Invalid($"Invalid order_by entity: {key.Name.Entity}");
            }

            Check(key.Name, Orders);
            terms.Add(key.Name.Key switch
            {
                "name" => $"e.name {query.Dialect.ByCode}",
                "experiment_id" => "e.id",
                "creation_time" => "e.created_ms",
                _ => "e.updated_ms",
            } + (key.Ascending ? " ASC" : " DESC"));
        }

        if (terms.Count == 0)
        {
            return "e.created_ms DESC, e.id ASC";
        }

        terms.Add("e.id DESC");
        return string.Join(", ", terms);
    }

    private static void Check(FilterName name, string[] keys)
    {
        if (!keys.Contains(name.Key))
        {
            throw MLflowException.Invalid(
                $"Invalid attribute key '{name.Key}' specified. Valid keys are '{string.Join(", ", keys)}' (at character {name.Position})");
        }
    }
}
