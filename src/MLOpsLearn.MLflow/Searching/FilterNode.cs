namespace MLOpsLearn.MLflow.Searching;

/// <summary>A filter as it was read: comparisons, joined.</summary>
public abstract record FilterNode
{
    private FilterNode()
    {
    }

    /// <summary>All of them hold.</summary>
    public sealed record And(IReadOnlyList<FilterNode> Parts) : FilterNode;

    /// <summary>At least one of them holds.</summary>
    public sealed record Or(IReadOnlyList<FilterNode> Parts) : FilterNode;

    /// <summary>One clause.</summary>
    /// <param name="Entity">What stands before the first dot, for example "tags"; empty for a bare attribute.</param>
    /// <param name="Key">The key without its quotes.</param>
    /// <param name="Operator">In upper case, for example "=", "LIKE", "NOT IN", "IS NULL".</param>
    /// <param name="Value">What it is compared with; null for IS NULL and IS NOT NULL.</param>
    /// <param name="Position">Where the clause begins, in characters from 0.</param>
    public sealed record Comparison(string Entity, string Key, string Operator, FilterValue? Value, int Position) : FilterNode;

    /// <summary>Every clause, in the order in which they were written.</summary>
    public IEnumerable<Comparison> Comparisons() => this switch
    {
        And and => and.Parts.SelectMany(part => part.Comparisons()),
        Or or => or.Parts.SelectMany(part => part.Comparisons()),
        _ => [(Comparison)this],
    };
}
