using System.Text.Json.Nodes;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Cases of one numeric or categorical column on two sides.</summary>
internal static class TwoSampleAnswers
{
    public static JsonObject Numeric(JsonObject @case) =>
        Numeric(new NumericPair(CaseJson.Numbers(@case.Field("reference")), CaseJson.Numbers(@case.Field("current"))));

    public static JsonObject Permutation(JsonObject @case)
    {
        const int permutations = 20_000;
        var pair = new NumericPair(CaseJson.Numbers(@case.Field("reference")), CaseJson.Numbers(@case.Field("current")));
        var verdict = PermutationTest.Test(pair, TransportDistance.OfWasserstein, permutations);
        return new()
        {
            [TransportDistance.Wasserstein] = new JsonObject { ["statistic"] = CaseJson.Number(verdict.Statistic.Statistic) },
            ["wasserstein(permutation)"] = new JsonObject
            {
                ["p_value_estimate"] = CaseJson.Number(verdict.Statistic.PValue),
                ["B"] = permutations,
                ["rule"] = verdict.Rule,
            },
        };
    }

    public static JsonObject GeneratedNumeric(JsonObject @case) =>
        Numeric(NumericPair.Create(SplitMix.Numbers(@case.Field("reference")), SplitMix.Numbers(@case.Field("current"))));

    public static JsonObject Categorical(JsonObject @case)
    {
        var (reference, current) = (CaseJson.Categories(@case.Field("reference")), CaseJson.Categories(@case.Field("current")));
        return @case["options"]?["nulls"]?.GetValue<string>() == "category"
            ? Categorical(new CategoricalPair(reference.WithNullAsCategory(), current.WithNullAsCategory()))
            : Categorical(new CategoricalPair(reference, current));
    }

    public static JsonObject GeneratedCategorical(JsonObject @case) =>
        Categorical(new CategoricalPair(Counted(@case.Field("reference")), Counted(@case.Field("current"))));

    private static CategoricalSample Counted(JsonNode formula)
    {
        var codes = SplitMix.Numbers(formula).Select(value => (int)value).ToArray();
        return CategoricalSample.Create(codes, [.. Enumerable.Range(0, codes.Max() + 1).Select(code => CategoryKey.Of((double)code))]);
    }

    private static JsonObject Numeric(NumericPair pair)
    {
        var answer = new JsonObject();
        foreach (var identity in NumericMethods.Identities)
        {
            answer[identity] = CaseJson.Result(NumericMethods.Compute(identity, pair));
        }

        return answer;
    }

    private static JsonObject Categorical(CategoricalPair pair)
    {
        var answer = new JsonObject();
        foreach (var identity in CategoricalMethods.Identities)
        {
            answer[identity] = CaseJson.Result(CategoricalMethods.Compute(identity, pair));
        }

        return answer;
    }
}
