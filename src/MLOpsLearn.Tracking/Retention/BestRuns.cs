using System.Globalization;
using System.Text.RegularExpressions;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>How many runs are kept for the latest value of a metric, however old they are.</summary>
/// <param name="Count">How many.</param>
/// <param name="Metric">The metric; runs without it, or with NaN, are not among the best.</param>
/// <param name="IsHigherBetter">Whether the largest values are the best.</param>
internal sealed partial record BestRuns(int Count, string Metric, bool IsHigherBetter)
{
    private const int Most = 1_000_000;

    /// <summary>Reads "5 by rmse asc"; null when it is none.</summary>
    public static BestRuns? TryParse(string text) =>
        Form().Match(text) is { Success: true } match
            && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= Most
            ? new BestRuns(count, match.Groups[2].Value, match.Groups[3].Value.Equals("desc", StringComparison.OrdinalIgnoreCase))
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} by {Metric} {(IsHigherBetter ? "desc" : "asc")}");

    [GeneratedRegex(@"^([0-9]{1,7}) by (\S(?:.{0,248}\S)?) (asc|desc)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
