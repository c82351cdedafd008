using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>The calls under "experiments/".</summary>
internal sealed class ExperimentCalls(ExperimentReader reader, ExperimentLife life, ExperimentRemoval removal)
{
    private const string Read = "tracking.experiments.read";
    private const string Write = "tracking.experiments.write";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "experiments/create", Write, CreateAsync);
        routes.MapCall("GET", "experiments/get", Read, GetAsync);
        routes.MapCall("GET", "experiments/get-by-name", Read, GetByNameAsync);
        routes.MapCall("POST", "experiments/update", Write, UpdateAsync);
        routes.MapCall("POST", "experiments/delete", Write, DeleteAsync);
        routes.MapCall("POST", "experiments/restore", Write, RestoreAsync);
        routes.MapCall("POST", "experiments/set-experiment-tag", Write, SetTagAsync);
        routes.MapCall("POST", "experiments/delete-experiment-tag", Write, DeleteTagAsync);
    }

    /// <summary>Writes the fields of an experiment.</summary>
    public static void WriteFields(Utf8JsonWriter writer, ExperimentRecord experiment)
    {
        writer.WriteString("experiment_id", experiment.Id.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("name", experiment.Name);
        writer.WriteString("artifact_location", ArtifactLocations.OfExperiment(experiment.ArtifactLocation, experiment.Id));
        writer.WriteString("lifecycle_stage", experiment.IsDeleted ? "deleted" : "active");
        writer.WriteNumber("last_update_time", experiment.UpdatedMs);
        writer.WriteNumber("creation_time", experiment.CreatedMs);
        writer.WritePairs("tags", experiment.Tags);
    }

    private async Task CreateAsync(MLflowCall call)
    {
        var name = call.Fields.RequiredString("name");
        Checks.Length("name", name, 500);
        var location = call.Fields.String("artifact_location") is { Length: > 0 } given ? given : null;
        if (location is not null)
        {
            CheckLocation(location);
            location = ArtifactLocations.Resolved(location);
        }

        var tags = Pairs(call.Fields, "tags");
        foreach (var (key, value) in tags)
        {
            Checks.NewTagKey(key);
            Checks.ExperimentTagValue(key, value);
        }

        var id = await life.CreateAsync(name, location, tags, call.Cancelled);
        call.Answer.WriteString("experiment_id", id.ToString(CultureInfo.InvariantCulture));
    }

    private async Task GetAsync(MLflowCall call) =>
        WriteExperiment(call, await reader.GetAsync(Checks.ExperimentId(call.Fields.RequiredString("experiment_id")), call.Cancelled));

    private async Task GetByNameAsync(MLflowCall call)
    {
        var name = call.Fields.RequiredString("experiment_name");
        WriteExperiment(
            call, await reader.FindAsync(name, call.Cancelled) ?? throw MLflowException.NotFound($"Could not find experiment with name '{name}'"));
    }

    private async Task UpdateAsync(MLflowCall call)
    {
        var id = Checks.ExperimentId(call.Fields.RequiredString("experiment_id"));
        var name = call.Fields.RequiredString("new_name");
        Checks.Length("name", name, 500);
        try
        {
            await life.RenameAsync(id, name, call.Cancelled);
        }
        catch (RefusedException exception) when (exception.Reason == Refusal.NameTaken)
        {
            // Another code than for a new experiment, as the original has it.
            throw new MLflowException(MLflowErrorCode.BadRequest, exception.Message);
        }
    }

    /// <summary>With <c>permanent</c>, which no genuine client sends, the experiment is removed for good and its name is free.</summary>
    private Task DeleteAsync(MLflowCall call)
    {
        var id = Checks.ExperimentId(call.Fields.RequiredString("experiment_id"));
        return call.Fields.Bool("permanent") ?? false ? removal.RemoveUnusedAsync(id, call.Cancelled) : life.SetDeletedAsync(id, isDeleted: true, call.Cancelled);
    }

    private Task RestoreAsync(MLflowCall call) =>
        life.SetDeletedAsync(Checks.ExperimentId(call.Fields.RequiredString("experiment_id")), isDeleted: false, call.Cancelled);

    private Task SetTagAsync(MLflowCall call)
    {
        var id = Checks.ExperimentId(call.Fields.RequiredString("experiment_id"));
        var key = call.Fields.RequiredString("key");
        var value = call.Fields.String("value") ?? "";
        Checks.Key("key", key, "key");
        Checks.ExperimentTagValue(key, value);
        return life.SetTagAsync(id, key, value, call.Cancelled);
    }

    private Task DeleteTagAsync(MLflowCall call) => life.DeleteTagAsync(
        Checks.ExperimentId(call.Fields.RequiredString("experiment_id")), call.Fields.RequiredString("key"), call.Cancelled);

    /// <summary>Keys and values; of a key that comes twice the last counts.</summary>
    internal static List<KeyValuePair<string, string>> Pairs(MLflowFields fields, string name)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var item in fields.Objects(name))
        {
            var key = item.RequiredString("key");
            pairs.RemoveAll(pair => pair.Key == key);
            pairs.Add(new(key, item.String("value") ?? ""));
        }

        return pairs;
    }

    private static void WriteExperiment(MLflowCall call, ExperimentRecord experiment)
    {
        call.Answer.WriteStartObject("experiment");
        WriteFields(call.Answer, experiment);
        call.Answer.WriteEndObject();
    }

    private static void CheckLocation(string location)
    {
        if (location.Length > ArtifactLocations.Longest)
        {
            throw MLflowException.Invalid($"Invalid artifact path length. The length of the artifact path cannot be greater than {ArtifactLocations.Longest} characters.");
        }

        if (location.StartsWith("runs:", StringComparison.Ordinal))
        {
            throw MLflowException.Invalid($"Artifact location cannot be a runs:/ URI. Given: '{location}'");
        }

        if (ArtifactLocations.BrokenRule(location) is not null)
        {
            throw MLflowException.Invalid("'artifact_location' URL can't include fragments or params.");
        }
    }
}
