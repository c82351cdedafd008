using System.Globalization;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Search;

/// <summary>Turns the right half of a clause into SQL. What the field doesn't take is refused in the original's words.</summary>
internal static class SqlComparisons
{
    public static readonly string[] Numeric = [">", ">=", "!=", "=", "<", "<="];
    public static readonly string[] Text = ["!=", "=", "LIKE", "ILIKE"];
    public static readonly string[] TextOrNull = [.. Text, "IS NULL", "IS NOT NULL"];
    public static readonly string[] TextOrList = [.. Text, "IN", "NOT IN"];
    public static readonly string[] TextOrListOrNull = [.. TextOrNull, "IN", "NOT IN"];

    /// <summary>The condition that a whole filter states, from the conditions of its clauses.</summary>
    public static string Join(FilterNode node, Func<FilterNode.Clause, string> clause) => node switch
    {
        FilterNode.All all => string.Join(" AND ", all.Nodes.Select(part => $"({Join(part, clause)})")),
        FilterNode.Any any => string.Join(" OR ", any.Nodes.Select(part => $"({Join(part, clause)})")),
        _ => clause((FilterNode.Clause)node),
    };

    /// <exception cref="MLflowException">The operator is not one of these.</exception>
    public static void CheckOperator(FilterNode.Clause clause, string[] allowed)
    {
        if (!allowed.Contains(clause.Operator))
        {
            throw MLflowException.Invalid(
                $"Invalid comparator '{clause.Operator}' not one of '{string.Join(", ", allowed)}' (at character {clause.Name.Position})");
        }
    }

    /// <summary>A text expression compared with the clause's text, or its list.</summary>
    public static string OfText(SqlQuery query, string expression, FilterNode.Clause clause, string what)
    {
        if (clause.Operator is "IN" or "NOT IN")
        {
            var condition = query.Dialect.InTexts(expression, query.Add(query.Dialect.List(TextsOf(clause, what))));
            return clause.Operator == "IN" ? condition : $"NOT ({condition})";
        }

        var value = TextOf(clause, what);
        return clause.Operator switch
        {
            "=" => $"{expression} = {query.Add(value)}",
            "!=" => $"{expression} <> {query.Add(value)}",
            var like => query.Dialect.Like(expression, query.Add(value), ignoreCase: like == "ILIKE"),
        };
    }

    /// <summary>The condition that the indexed beginning of a stored value fits a clause of "=" or "IN": necessary, not sufficient.</summary>
    public static string OfBeginning(SqlQuery query, string column, FilterNode.Clause clause, string what)
    {
        var beginning = query.Dialect.Beginning(column);
        return clause.Operator == "IN"
            ? query.Dialect.InTexts(beginning, query.Add(query.Dialect.List([.. TextsOf(clause, what).Select(SqlDialect.BeginningOf)])))
            : $"{beginning} = {query.Add(SqlDialect.BeginningOf(TextOf(clause, what)))}";
    }

    /// <summary>A number compared with the clause's number.</summary>
    public static string OfNumber(SqlQuery query, string expression, FilterNode.Clause clause, string what, bool isWhole)
    {
        if (clause.Value.Kind != FilterValueKind.Number)
        {
            throw MLflowException.Invalid($"Expected numeric value type for {what}. Found {clause.Value.Written} (at character {clause.Value.Position})");
        }

        var number = double.Parse(clause.Value.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        // A whole number stays one: compared with a fraction, the column would no longer be found by its index.
        var value = isWhole && long.TryParse(clause.Value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (object)whole : number;
        return $"{expression} {(clause.Operator == "!=" ? "<>" : clause.Operator)} {query.Add(value)}";
    }

    private static IReadOnlyList<string> TextsOf(FilterNode.Clause clause, string what) => clause.Value.Kind == FilterValueKind.Texts
        ? clause.Value.Texts
        : throw MLflowException.Invalid($"Expected a list of quoted strings for {what}. Got value {clause.Value.Written} (at character {clause.Value.Position})");

    private static string TextOf(FilterNode.Clause clause, string what) => clause.Value.Kind == FilterValueKind.Text
        ? clause.Value.Text
        : throw MLflowException.Invalid(
            $"Expected a quoted string value for {what} (e.g. 'my-value'). Got value {clause.Value.Written} (at character {clause.Value.Position})");
}
