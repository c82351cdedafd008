using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>The generator of the cases that come as a formula; only exact arithmetic, so every language gets the same doubles.</summary>
internal static class SplitMix
{
    public static IEnumerable<ulong> Words(JsonNode formula)
    {
        var state = (ulong)formula["seed"]!.GetValue<long>();
        var count = formula["n"]!.GetValue<int>();
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
        var expression = formula["value"]!.GetValue<string>();
        double a = formula["a"]?.GetValue<double>() ?? 0, b = formula["b"]?.GetValue<double>() ?? 1;
        return [.. Words(formula).Select(word => Value(expression, (word >> 11) * (1.0 / (1UL << 53)), a, b))];
    }

    private static double Value(string expression, double u, double a, double b)
    {
        const string floor = "floor(u*u*";
        if (expression.StartsWith(floor, StringComparison.Ordinal))
        {
            return Math.Floor(u * u * double.Parse(expression[floor.Length..^1], System.Globalization.CultureInfo.InvariantCulture));
        }

        return expression switch
        {
            "u/(a-u)" => u / (a - u),
            "b*(u/(a-u))" => b * (u / (a - u)),
            "u/(1.05-u)" => u / (1.05 - u),
            _ => throw new NotSupportedException($"Unknown formula '{expression}'."),
        };
    }
}
