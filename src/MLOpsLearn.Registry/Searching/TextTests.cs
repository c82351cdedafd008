using System.Linq.Expressions;
using System.Text;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Search;

namespace MLOpsLearn.Registry.Searching;

/// <summary>Comparisons of text that mean the same in both databases: LIKE minds the case, ILIKE does not, and no character is an escape.</summary>
internal sealed class TextTests(bool isSqlite)
{
    public static readonly IReadOnlyList<string> Operators = ["=", "!=", "LIKE", "ILIKE"];

    /// <summary>The condition on a text; <paramref name="what"/> names the field in messages.</summary>
    public Expression<Func<string, bool>> Of(FilterNode.Clause clause, string what)
    {
        if (!Operators.Contains(clause.Operator))
        {
            throw MLflowException.Invalid($"Invalid comparator for {what}: {clause.Operator}. Valid comparators are {string.Join(", ", Operators)}.");
        }

        if (clause.Value is not { Kind: FilterValueKind.Text, Text: var value })
        {
            throw MLflowException.Invalid($"Expected a quoted string value for {what} (e.g. 'my-value'). Got value {clause.Value.Written}");
        }

        return (clause.Operator, isSqlite) switch
        {
            ("=", _) => text => text == value,
            ("!=", _) => text => text != value,
            ("LIKE", true) => Glob(value),
            ("LIKE", false) => text => EF.Functions.Like(text, value),
            // SQLite's LIKE knows the cases of ASCII only.
            (_, true) => text => EF.Functions.Like(text, value),
            _ => text => EF.Functions.ILike(text, value, ""),
        };
    }

    private static Expression<Func<string, bool>> Glob(string pattern)
    {
        var glob = new StringBuilder(pattern.Length + 8);
        foreach (var c in pattern)
        {
            _ = c switch
            {
                '%' => glob.Append('*'),
                '_' => glob.Append('?'),
                '*' or '?' or '[' => glob.Append('[').Append(c).Append(']'),
                _ => glob.Append(c),
            };
        }

        var converted = glob.ToString();
        return text => EF.Functions.Glob(text, converted);
    }
}
