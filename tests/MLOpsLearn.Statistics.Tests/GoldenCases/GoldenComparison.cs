using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Statistics.Tests.GoldenCases;

/// <summary>Compares an answer with what a case expects, within the tolerances that come with the cases.</summary>
internal static class GoldenComparison
{
    private static readonly string[] RankDeficient = ["distinct", "binary", "ties", "zero_inflated", "poisson", "constant"];

    public static IEnumerable<string> Differences(string path, string kind, JsonNode? expected, JsonNode? actual)
    {
        if (path.Contains("/realized", StringComparison.Ordinal))
        {
            return [];
        }

        if (expected is JsonObject fields)
        {
            return fields.SelectMany(field => (actual as JsonObject)?.ContainsKey(field.Key) == true
                ? Differences($"{path}/{field.Key}", kind, field.Value, actual![field.Key])
                : [$"{path}/{field.Key} missing"]);
        }

        if (expected is JsonArray items)
        {
            return actual is JsonArray others && others.Count == items.Count
                ? items.SelectMany((item, i) => Differences($"{path}/{i}", kind, item, others[i]))
                : [$"{path} has another length"];
        }

        return Equal(path, kind, expected, actual) ? [] : [$"{path} expected {expected} got {actual}"];
    }

    private static bool Equal(string path, string kind, JsonNode? expected, JsonNode? actual)
    {
        if (expected is null || actual is null || expected.GetValueKind() != JsonValueKind.Number)
        {
            return JsonNode.DeepEquals(expected, actual);
        }

        return actual.GetValueKind() == JsonValueKind.Number
            && Math.Abs(expected.GetValue<double>() - actual.AsValue().Deserialize<double>()) <= Tolerance(path, kind, expected.GetValue<double>());
    }

    private static double Tolerance(string path, string kind, double expected)
    {
        var size = Math.Abs(expected);
        if (path.Contains("epps-singleton", StringComparison.Ordinal))
        {
            return RankDeficient.Any(path.Contains) ? Math.Max(1e-6, 1e-4 * size) : Math.Max(1e-9, 1e-6 * size);
        }

        // Both sides draw their own 20,000 permutations.
        if (path.EndsWith("p_value_estimate", StringComparison.Ordinal))
        {
            return 4 * Math.Sqrt(expected * (1 - expected) * 2 / 20_000) + 1.0 / 20_001;
        }

        if (path.EndsWith("p_value", StringComparison.Ordinal))
        {
            return path.Contains("anderson", StringComparison.Ordinal) || path.Contains("cvm", StringComparison.Ordinal) ? 1e-7
                : size is > 1e-300 and < 1e-6 ? 1e-6 * size + 1e-15
                : 1e-9;
        }

        return path.Contains("huge_magnitudes", StringComparison.Ordinal) ? Math.Max(1e-9, 1e-6 * size)
            : kind is "cbpe-binary" or "cbpe-multiclass" or "dle" or "pca-reconstruction" ? Math.Max(1e-8, 1e-8 * size)
            : Math.Max(1e-9, 1e-9 * size);
    }
}
