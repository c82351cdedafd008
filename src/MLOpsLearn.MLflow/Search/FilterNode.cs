namespace MLOpsLearn.MLflow.Search;

/// <summary>A filter as it was read: clauses, joined.</summary>
public abstract record FilterNode
{
    private FilterNode()
    {
    }

    /// <summary>All of them hold.</summary>
    public sealed record All(IReadOnlyList<FilterNode> Nodes) : FilterNode;

    /// <summary>One of them holds. Only in extended filters.</summary>
    public sealed record Any(IReadOnlyList<FilterNode> Nodes) : FilterNode;

    /// <summary>One comparison.</summary>
    /// <param name="Name">What is compared.</param>
    /// <param name="Operator">In capitals: "=", "!=", "&gt;", "&gt;=", "&lt;", "&lt;=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL".</param>
    /// <param name="Value">With what.</param>
    public sealed record Clause(FilterName Name, string Operator, FilterValue Value) : FilterNode;
}

/// <summary>The left side of a clause, or what an order is by.</summary>
/// <param name="Entity">What stands before the first dot, for example "metrics"; null when there is none.</param>
/// <param name="Key">The rest, without quotes.</param>
/// <param name="Position">Where it begins, counted from 1.</param>
public sealed record FilterName(string? Entity, string Key, int Position);

/// <summary>What kind of value a clause has.</summary>
public enum FilterValueKind
{
    /// <summary>None: IS NULL.</summary>
    None,

    /// <summary>Text in quotes.</summary>
    Text,

    /// <summary>A bare number.</summary>
    Number,

    /// <summary>A list of texts in parentheses.</summary>
    Texts,

    /// <summary>A bare word, which no field takes.</summary>
    Word,
}

/// <summary>The right side of a clause.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text without quotes, the number or the word as written.</param>
/// <param name="Texts">The members of a list.</param>
/// <param name="Position">Where it begins, counted from 1.</param>
public sealed record FilterValue(FilterValueKind Kind, string Text, IReadOnlyList<string> Texts, int Position)
{
    /// <summary>As it was written, for messages.</summary>
    public string Written => Kind switch
    {
        FilterValueKind.Text => $"'{Text}'",
        FilterValueKind.Texts => $"({string.Join(", ", Texts.Select(text => $"'{text}'"))})",
        _ => Text,
    };
}
