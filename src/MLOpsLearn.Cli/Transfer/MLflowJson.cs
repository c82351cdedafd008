using System.Globalization;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Cli.Transfer;

/// <summary>Reads MLflow's JSON, whose servers leave out what is empty and write whole numbers as numbers or as text.</summary>
internal static class MLflowJson
{
    public static string Text(this JsonNode? node, string field) => node?[field]?.ToString() ?? "";

    public static long Number(this JsonNode? node, string field) =>
        long.TryParse(node.Text(field), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public static IEnumerable<JsonObject> List(this JsonNode? node, string field) => (node?[field] as JsonArray)?.OfType<JsonObject>() ?? [];

    public static string IdOf(JsonObject run) => run["info"].Text("run_id");

    public static string? Tag(this JsonNode? tagged, string key) => tagged.List("tags").FirstOrDefault(tag => tag.Text("key") == key)?.Text("value");

    public static JsonObject Pair(string key, string value) => new() { ["key"] = key, ["value"] = value };

    public static JsonArray ToArray(IEnumerable<JsonNode> nodes) => new([.. nodes.Select(node => node.DeepClone())]);
}
