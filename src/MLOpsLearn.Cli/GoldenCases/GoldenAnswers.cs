using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Answers a case in its own form: the same identities as keys.</summary>
internal static class GoldenAnswers
{
    private static readonly Dictionary<string, Func<JsonObject, JsonNode>> ByKind = new(StringComparer.Ordinal)
    {
        ["numeric"] = TwoSampleAnswers.Numeric,
        ["generated-numeric"] = TwoSampleAnswers.GeneratedNumeric,
        ["categorical"] = TwoSampleAnswers.Categorical,
        ["generated-categorical"] = TwoSampleAnswers.GeneratedCategorical,
        ["text"] = TableAnswers.Text,
        ["datetime"] = TableAnswers.DateTime,
        ["table"] = TableAnswers.Evidently,
        ["quality-numeric"] = DataQualityAnswers.Numeric,
        ["quality-categorical"] = DataQualityAnswers.Categorical,
        ["quality-rows"] = DataQualityAnswers.Rows,
        ["merge"] = DataQualityAnswers.Merge,
        ["multiple-tests"] = DataQualityAnswers.MultipleTests,
        ["reference-limits"] = DataQualityAnswers.Limits,
        ["chunking"] = DataQualityAnswers.Chunking,
        ["regression"] = ModelQualityAnswers.Regression,
        ["classification-binary"] = ModelQualityAnswers.Binary,
        ["classification-multiclass"] = ModelQualityAnswers.Multiclass,
        ["cbpe-binary"] = EstimationAnswers.CbpeBinary,
        ["cbpe-multiclass"] = EstimationAnswers.CbpeMulticlass,
        ["dle"] = EstimationAnswers.Dle,
        ["pca-reconstruction"] = EstimationAnswers.Pca,
        ["stream"] = StreamAnswers.Detectors,
        ["sketch-quantiles"] = StreamAnswers.Quantiles,
        ["sketch-distinct"] = StreamAnswers.Distinct,
        ["label-join"] = StreamAnswers.LabelJoins,
        ["permutation"] = TwoSampleAnswers.Permutation,
        ["alert"] = AlertAnswers.Answer,
    };

    public static IEnumerable<string> Kinds => ByKind.Keys;

    public static JsonNode? Answer(JsonObject @case) =>
        ByKind.TryGetValue(@case.Field("kind").GetValue<string>(), out var answer) ? answer(@case) : null;
}
