using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>The JSON schemas of docs/events, and what they say of a message.</summary>
internal static class TriggerSchemas
{
    private static readonly Dictionary<string, JsonSchema> Schemas = TriggerTypes.All.ToDictionary(type => type, Load, StringComparer.Ordinal);

    /// <exception cref="BadTriggerException">Names each field, its value and the rule.</exception>
    public static void Check(string type, JsonElement data)
    {
        var results = Schemas[type].Evaluate(JsonNode.Parse(data.GetRawText()), new EvaluationOptions { OutputFormat = OutputFormat.List });
        if (results.IsValid)
        {
            return;
        }

        var faults = results.Details.Where(detail => detail.HasErrors)
            .SelectMany(detail => detail.Errors!.Select(error => $"{FieldOf(detail)}: {error.Value}{ValueAt(data, detail)}"));
        throw new BadTriggerException($"The data does not fit {type}.schema.json. {string.Join("; ", faults)}");
    }

    private static string FieldOf(EvaluationResults detail) => detail.InstanceLocation.Count == 0 ? "data" : detail.InstanceLocation.ToString().TrimStart('/').Replace('/', '.');

    private static string ValueAt(JsonElement data, EvaluationResults detail)
    {
        if (detail.InstanceLocation.Count == 0 || detail.InstanceLocation.Evaluate(data) is not { } value)
        {
            return "";
        }

        var text = value.GetRawText();
        return $" (is {(text.Length <= 100 ? text : text[..100] + "…")})";
    }

    private static JsonSchema Load(string type)
    {
        using var stream = typeof(TriggerSchemas).Assembly.GetManifestResourceStream($"{type}.schema.json")
            ?? throw new InvalidOperationException($"The schema of {type} is missing.");
        using var reader = new StreamReader(stream);
        return JsonSchema.FromText(reader.ReadToEnd());
    }
}
