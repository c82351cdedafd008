using System.Text.Json.Nodes;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Reading and writing of values in the form of the cases: null is missing, non-finite numbers are strings.</summary>
internal static class CaseJson
{
    /// <summary>What stands in a field that cases of this kind have.</summary>
    /// <exception cref="FormatException">It is missing or null; the message names it.</exception>
    public static JsonNode Field(this JsonNode node, string name) =>
        node[name] ?? throw new FormatException($"the field '{node.GetPath()}.{name}' is missing.");

    /// <summary>The elements of an array that has no nulls.</summary>
    /// <exception cref="FormatException">One is null; the message names it.</exception>
    public static IEnumerable<JsonNode> Elements(this JsonNode array) =>
        array.AsArray().Select((element, i) => element ?? throw new FormatException($"the element '{array.GetPath()}[{i}]' is null."));

    public static JsonNode? Number(double? value) => value switch
    {
        null => null,
        double.NaN => JsonValue.Create("NaN"),
        double.PositiveInfinity => JsonValue.Create("Infinity"),
        double.NegativeInfinity => JsonValue.Create("-Infinity"),
        { } finite => JsonValue.Create(finite),
    };

    public static JsonArray Array<T>(IEnumerable<T> values, Func<T, JsonNode?> convert) => new([.. values.Select(convert)]);

    public static double[] Doubles(JsonNode array) => [.. array.Elements().Select(node => node.GetValue<double>())];

    public static int[] Integers(JsonNode array) => [.. array.Elements().Select(node => (int)node.GetValue<double>())];

    public static string[] Strings(JsonNode array) => [.. array.Elements().Select(node => node.GetValue<string>())];

    /// <summary>Numbers with null, non-finite strings, and text that is no number.</summary>
    public static NumericSample Numbers(JsonNode array)
    {
        var values = new List<double?>();
        long violations = 0;
        foreach (var node in array.AsArray())
        {
            if (node is null)
            {
                values.Add(null);
            }
            else if (node.GetValueKind() == System.Text.Json.JsonValueKind.Number)
            {
                values.Add(node.GetValue<double>());
            }
            else if (NonFinite(node.ToString()) is { } number)
            {
                values.Add(number);
            }
            else
            {
                violations++;
            }
        }

        return NumericSample.Create(values, violations);
    }

    public static CategoricalSample Categories(JsonNode array)
    {
        var counts = new Dictionary<CategoryKey, long>();
        long nulls = 0;
        foreach (var node in array.AsArray())
        {
            if (node is null)
            {
                nulls++;
                continue;
            }

            var key = Key(node);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        return CategoricalSample.FromCounts([.. counts.Keys], [.. counts.Values], nulls);
    }

    public static CategoryKey Key(JsonNode node) => node.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.Number => CategoryKey.Of(node.GetValue<double>()),
        System.Text.Json.JsonValueKind.True => CategoryKey.Of(true),
        System.Text.Json.JsonValueKind.False => CategoryKey.Of(false),
        _ => CategoryKey.Of(node.GetValue<string>()),
    };

    public static JsonObject Result(MethodResult result)
    {
        if (result.Undefined is { } reason)
        {
            return new() { ["status"] = "undefined", ["reason"] = reason.WireName() };
        }

        var json = new JsonObject { ["statistic"] = Number(result.Statistic) };
        Add("p_value", result.PValue);
        Add("dof", result.DegreesOfFreedom);
        Add("bins", result.Bins);
        Add("min_expected", result.MinExpected);
        if (result.Exact is { } exact)
        {
            json["exact"] = exact;
        }

        if (result.Method == BinaryTests.FisherTwoSided)
        {
            json["odds_ratio"] = Number(result.Statistic);
        }

        return json;

        void Add(string name, double? value)
        {
            if (value is not null)
            {
                json[name] = Number(value);
            }
        }
    }

    private static double? NonFinite(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };
}
