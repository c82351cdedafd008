using System.Text.RegularExpressions;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.MLflow.Searching;

/// <summary>One entry of an order_by list.</summary>
/// <param name="Entity">For example "metrics"; empty for a bare attribute.</param>
/// <param name="Key">Without its quotes.</param>
/// <param name="IsAscending">True unless it ends with DESC.</param>
public sealed record OrderEntry(string Entity, string Key, bool IsAscending);

/// <summary>Reads <c>identifier [ASC|DESC]</c>.</summary>
public static partial class OrderParser
{
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public static OrderEntry Parse(string clause)
    {
        var match = Form().Match(clause);
        if (clause.Length > 2000 || !match.Success)
        {
            throw MLflowException.Invalid($"Invalid order_by clause '{FilterTokens.Rest(clause, 0)}'. Could not be parsed.");
        }

        return new OrderEntry(
            match.Groups["entity"].Value, match.Groups["key"].Value.Trim('`', '"'), !string.Equals(match.Groups["way"].Value, "DESC", StringComparison.OrdinalIgnoreCase));
    }

    // The key may be quoted; without quotes it may still have slashes and dashes, which only a filter would misread.
    [GeneratedRegex("""^\s*(?:(?<entity>\w+)\.)?(?<key>`[^`]+`|"[^"]+"|[^\s`"]+)(?:\s+(?<way>ASC|DESC))?\s*\z""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
