using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>The generator of the cases that come as a formula; only exact arithmetic, so every language gets the same doubles.</summary>
internal static class SplitMix
{
    public static IEnumerable<ulong> Words(JsonNode formula)
    {
        var state = (ulong)formula.Field("seed").GetValue<long>();
        var count = formula.Field("n").GetValue<int>();
        for (var i = 0; i < count; i++)
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            yield return z ^ (z >> 31);
        }
    }

    public static double[] Numbers(JsonNode formula)
    {
        var value = Formula.Parse(formula.Field("value").GetValue<string>(), formula);
        return [.. Words(formula).Select(word => value((word >> 11) * (1.0 / (1UL << 53))))];
    }
}
