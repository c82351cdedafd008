using System.Globalization;
using System.Text.Json;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Sources;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Protocols.MLflow;

/// <summary>Models and versions as MLflow's clients know them.</summary>
internal static class RegistryJson
{
    public static void WriteModel(this Utf8JsonWriter json, ModelView view)
    {
        json.WriteStartObject();
        json.WriteString("name", view.Model.Name);
        json.WriteNumber("creation_timestamp", view.Model.CreatedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("last_updated_timestamp", view.Model.UpdatedAt.ToUnixTimeMilliseconds());
        json.WriteOptional("description", view.Model.Description.Length > 0 ? view.Model.Description : null);
        json.WriteVersions("latest_versions", view.LatestVersions);
        json.WritePairs("tags", [.. view.Tags.Select(tag => KeyValuePair.Create(tag.Key, tag.Value))]);
        if (view.Aliases.Count > 0)
        {
            json.WriteStartArray("aliases");
            foreach (var alias in view.Aliases)
            {
                json.WriteStartObject();
                json.WriteString("alias", alias.Alias);
                json.WriteString("version", Text(alias.Version));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>A version; with the params and metrics of the logged model that it is, when that was asked for.</summary>
    public static void WriteVersion(this Utf8JsonWriter json, VersionView view, LoggedModel? model = null)
    {
        var version = view.Version;
        json.WriteStartObject();
        json.WriteString("name", version.Model);
        json.WriteString("version", Text(version.Version));
        json.WriteNumber("creation_timestamp", version.CreatedAt.ToUnixTimeMilliseconds());
        json.WriteNumber("last_updated_timestamp", version.UpdatedAt.ToUnixTimeMilliseconds());
        json.WriteString("current_stage", version.Stage);
        json.WriteString("description", version.Description ?? "");
        json.WriteString("source", version.Source);
        json.WriteString("run_id", version.RunId);
        // Clients wait for this; there is nothing to wait for.
        json.WriteString("status", "READY");
        json.WriteString("run_link", version.RunLink);
        json.WritePairs("tags", [.. view.Tags.Select(tag => KeyValuePair.Create(tag.Key, tag.Value))]);
        if (view.Aliases.Count > 0)
        {
            json.WriteStartArray("aliases");
            foreach (var alias in view.Aliases)
            {
                json.WriteStringValue(alias);
            }

            json.WriteEndArray();
        }

        if (version.ModelId.Length > 0)
        {
            json.WriteString("model_id", version.ModelId);
        }

        if (model is not null)
        {
            json.WriteParams(model.Params);
            if (model.Metrics.ValueKind == JsonValueKind.Array)
            {
                json.WritePropertyName("model_metrics");
                model.Metrics.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>What is a "key" of a logged model is the "name" of a version's param.</summary>
    private static void WriteParams(this Utf8JsonWriter json, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        json.WriteStartArray("model_params");
        foreach (var item in list.EnumerateArray())
        {
            json.WriteStartObject();
            json.WriteString("name", item.GetProperty("key").GetString());
            json.WriteString("value", item.GetProperty("value").GetString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A list of versions under a name; nothing when there are none.</summary>
    public static void WriteVersions(this Utf8JsonWriter json, string name, IReadOnlyCollection<VersionView> versions)
    {
        if (versions.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var version in versions)
        {
            json.WriteVersion(version);
        }

        json.WriteEndArray();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
