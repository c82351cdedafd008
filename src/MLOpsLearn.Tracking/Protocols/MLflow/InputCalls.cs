using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>Datasets and models of a run: "runs/log-inputs", "runs/outputs", "runs/log-model", "experiments/search-datasets".</summary>
internal sealed class InputCalls(DatasetLog datasets, RunLog log)
{
    private const string Write = "tracking.runs.write";
    private static readonly string[] ModelFields = ["artifact_path", "flavors", "utc_time_created", "run_id"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "runs/log-inputs", Write, LogInputsAsync);
        routes.MapCall("POST", "runs/outputs", Write, LogOutputsAsync);
        routes.MapCall("POST", "runs/log-model", Write, LogModelAsync);
        routes.MapCall("POST", "experiments/search-datasets", "tracking.experiments.read", SearchDatasetsAsync);
    }

    private Task LogInputsAsync(MLflowCall call)
    {
        var runId = call.Fields.RequiredString("run_id");
        Checks.RunId(runId);
        var used = call.Fields.Objects("datasets").Select(DatasetOf).ToList();
        var models = call.Fields.Objects("models").Select(model => Checks.ModelId(model.RequiredString("model_id"))).ToList();
        return datasets.AddInputsAsync(runId, used, models, call.Cancelled);
    }

    private Task LogOutputsAsync(MLflowCall call)
    {
        var runId = call.Fields.RequiredString("run_id");
        if (!call.Fields.Has("models"))
        {
            throw call.Fields.Missing("models");
        }

        var models = call.Fields.Objects("models")
            .Select(model => new UsedModel(Checks.ModelId(model.RequiredString("model_id")), IsOutput: true, model.Long("step") ?? 0)).ToList();
        return datasets.AddOutputsAsync(runId, models, call.Cancelled);
    }

    /// <summary>Clients of MLflow 2 tell of a model by what they wrote beside it; it goes to the end of a list in a tag.</summary>
    private Task LogModelAsync(MLflowCall call)
    {
        var runId = call.Fields.RequiredString("run_id");
        var text = call.Fields.RequiredString("model_json");
        JsonElement model;
        try
        {
            using var document = JsonDocument.Parse(text);
            model = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw MLflowException.Invalid($"Malformed model info. \n {(text.Length <= 500 ? text : text[..500])} \n is not valid JSON: it must be an object.");
        }

        var missing = ModelFields.Where(field => model.ValueKind != JsonValueKind.Object || !model.TryGetProperty(field, out _)).ToList();
        return missing.Count > 0
            ? throw MLflowException.Invalid($"Model json is missing mandatory fields: {string.Join(", ", missing)}")
            : log.AddModelAsync(runId, model, call.Cancelled);
    }

    private async Task SearchDatasetsAsync(MLflowCall call)
    {
        var ids = call.Fields.Strings("experiment_ids");
        if (ids.Count is 0 or > 20)
        {
            throw MLflowException.Invalid(
                ids.Count == 0 ? "SearchDatasets request must specify at least one experiment_id."
                    : $"SearchDatasets request cannot specify more than 20 experiment_ids. Received {ids.Count} experiment_ids.");
        }

        var found = await datasets.SummariesAsync([.. ids.Select(Checks.ExperimentId).Distinct()], call.Cancelled);
        if (found.Count == 0)
        {
            return;
        }

        call.Answer.WriteStartArray("dataset_summaries");
        foreach (var summary in found)
        {
            call.Answer.WriteStartObject();
            call.Answer.WriteString("experiment_id", summary.ExperimentId.ToString(CultureInfo.InvariantCulture));
            call.Answer.WriteString("name", summary.Name);
            call.Answer.WriteString("digest", summary.Digest);
            call.Answer.WriteOptional("context", summary.Context);
            call.Answer.WriteEndObject();
        }

        call.Answer.WriteEndArray();
    }

    private static UsedDataset DatasetOf(MLflowFields input)
    {
        var fields = input.Object("dataset") ?? throw input.Missing("dataset");
        var tags = new Dictionary<string, string>();
        foreach (var tag in input.Objects("tags"))
        {
            var (key, value) = (tag.RequiredString("key"), tag.String("value") ?? "");
            Checks.Length("key", key, 255);
            Checks.Length("value", value, 500);
            tags[key] = value;
        }

        var name = fields.RequiredString("name");
        var digest = fields.RequiredString("digest");
        var (sourceType, source) = (fields.String("source_type") ?? "", fields.String("source") ?? "");
        var (schema, profile) = (fields.String("schema") ?? "", fields.String("profile") ?? "");
        Checks.Length("name", name, 500);
        Checks.Length("digest", digest, 36);
        Checks.Length("source", source, 65_535);
        Checks.Length("schema", schema, 1_048_575);
        Checks.Length("profile", profile, 16_777_215);
        return new UsedDataset(name, digest, sourceType, source, schema, profile, tags);
    }
}
