using System.Text.Json.Nodes;

namespace MLOpsLearn.Statistics.Tests.GoldenCases;

/// <summary>Answers a case in its own form: the same identities as keys.</summary>
internal static class GoldenAnswers
{
    private static readonly Dictionary<string, Func<JsonObject, JsonNode>> ByKind = new(StringComparer.Ordinal)
    {
        ["numeric"] = TwoSampleAnswers.Numeric,
        ["generated-numeric"] = TwoSampleAnswers.GeneratedNumeric,
        ["categorical"] = TwoSampleAnswers.Categorical,
        ["generated-categorical"] = TwoSampleAnswers.GeneratedCategorical,
        ["alert"] = AlertAnswers.Answer,
    };

    public static JsonNode? Answer(JsonObject @case) =>
        ByKind.TryGetValue(@case["kind"]!.GetValue<string>(), out var answer) ? answer(@case) : null;
}
