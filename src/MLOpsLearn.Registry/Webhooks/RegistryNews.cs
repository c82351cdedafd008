using System.Globalization;
using System.Text.Json.Nodes;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>Something that webhooks are told of.</summary>
/// <param name="Entity">For example "MODEL_VERSION".</param>
/// <param name="Action">For example "CREATED".</param>
/// <param name="Data">What happened, in the words of the wire format.</param>
internal sealed record RegistryNews(string Entity, string Action, JsonObject Data)
{
    private const string PromptText = "mlflow.prompt.text";

    /// <summary>Every event there is, with an example of its data.</summary>
    public static readonly IReadOnlyDictionary<string, RegistryNews> Examples = MakeExamples().ToDictionary(news => news.Name, StringComparer.Ordinal);

    public string Name => $"{Entity}.{Action}";

    public static RegistryNews ModelCreated(string name, string description, IEnumerable<KeyValuePair<string, string>> tags) => new(
        IsPrompt(tags) ? "PROMPT" : "REGISTERED_MODEL",
        "CREATED",
        new JsonObject { ["name"] = name, ["tags"] = Shown(tags), ["description"] = description.Length > 0 ? description : null });

    public static RegistryNews VersionCreated(NewVersion version, int number) => IsPrompt(version.Tags)
        ? new(
            "PROMPT_VERSION",
            "CREATED",
            new JsonObject
            {
                ["name"] = version.Model,
                ["version"] = Text(number),
                ["template"] = version.Tags.TryGetValue(PromptText, out var text) ? text : null,
                ["tags"] = Shown(version.Tags),
                ["description"] = version.Description,
            })
        : new(
            "MODEL_VERSION",
            "CREATED",
            new JsonObject
            {
                ["name"] = version.Model,
                ["version"] = Text(number),
                ["source"] = version.Source,
                ["run_id"] = version.RunId.Length > 0 ? version.RunId : null,
                ["tags"] = Shown(version.Tags),
                ["description"] = version.Description,
            });

    public static RegistryNews VersionTagSet(bool isPrompt, string name, int number, string key, string value) => new(
        isPrompt ? "PROMPT_VERSION_TAG" : "MODEL_VERSION_TAG",
        "SET",
        new JsonObject { ["name"] = name, ["version"] = Text(number), ["key"] = key, ["value"] = value });

    public static RegistryNews VersionTagDeleted(bool isPrompt, string name, int number, string key) => new(
        isPrompt ? "PROMPT_VERSION_TAG" : "MODEL_VERSION_TAG", "DELETED", new JsonObject { ["name"] = name, ["version"] = Text(number), ["key"] = key });

    public static RegistryNews AliasCreated(bool isPrompt, string name, string alias, int number) => new(
        isPrompt ? "PROMPT_ALIAS" : "MODEL_VERSION_ALIAS", "CREATED", new JsonObject { ["name"] = name, ["alias"] = alias, ["version"] = Text(number) });

    public static RegistryNews AliasDeleted(bool isPrompt, string name, string alias) => new(
        isPrompt ? "PROMPT_ALIAS" : "MODEL_VERSION_ALIAS", "DELETED", new JsonObject { ["name"] = name, ["alias"] = alias });

    public static RegistryNews PromptTagSet(string name, string key, string value) => new(
        "PROMPT_TAG", "SET", new JsonObject { ["name"] = name, ["key"] = key, ["value"] = value });

    public static RegistryNews PromptTagDeleted(string name, string key) => new("PROMPT_TAG", "DELETED", new JsonObject { ["name"] = name, ["key"] = key });

    private static IEnumerable<RegistryNews> MakeExamples()
    {
        var (key, value) = ("example_key", "example_value");
        var tags = new Dictionary<string, string> { [key] = value };
        var promptTags = new Dictionary<string, string>(tags) { [ModelTag.IsPrompt] = "true", [PromptText] = "Summarise {{text}}" };
        yield return ModelCreated("example_model", "An example registered model", tags);
        yield return ModelCreated("example_prompt", "An example prompt", promptTags);
        yield return VersionCreated(new NewVersion("example_model", "models:/123", tags) { RunId = "abcd1234abcd5678", Description = "An example model version" }, 1);
        yield return VersionCreated(new NewVersion("example_prompt", "prompt-template", promptTags) { Description = "An example prompt version" }, 1);
        foreach (var isPrompt in new[] { false, true })
        {
            var name = isPrompt ? "example_prompt" : "example_model";
            yield return VersionTagSet(isPrompt, name, 1, key, value);
            yield return VersionTagDeleted(isPrompt, name, 1, key);
            yield return AliasCreated(isPrompt, name, "example_alias", 1);
            yield return AliasDeleted(isPrompt, name, "example_alias");
        }

        yield return PromptTagSet("example_prompt", key, value);
        yield return PromptTagDeleted("example_prompt", key);
        yield return new RegistryNews("BUDGET_POLICY", "EXCEEDED", new JsonObject { ["budget_policy_id"] = "example_policy" });
    }

    private static bool IsPrompt(IEnumerable<KeyValuePair<string, string>> tags) => tags.Any(tag => tag is { Key: ModelTag.IsPrompt, Value: "true" });

    // What makes a model a prompt is no tag of its owner's.
    private static JsonObject Shown(IEnumerable<KeyValuePair<string, string>> tags) =>
        new(tags.Where(tag => tag.Key is not (ModelTag.IsPrompt or PromptText)).Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)JsonValue.Create(tag.Value))));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
