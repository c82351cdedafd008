using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.LoggedModels;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>The calls under "logged-models".</summary>
internal sealed class LoggedModelCalls(LoggedModelLog models, LoggedModelSearch search)
{
    private const string Read = "tracking.runs.read";
    private const string Write = "tracking.runs.write";
    private const int MostResults = 1000;
    private static readonly string[] Statuses = ["LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "logged-models", Write, CreateAsync);
        routes.MapCall("POST", "logged-models/search", Read, SearchAsync);
        routes.MapCall("GET", "logged-models/{model_id}", Read, GetAsync);
        routes.MapCall("PATCH", "logged-models/{model_id}", Write, FinishAsync);
        routes.MapCall("PATCH", "logged-models/{model_id}/tags", Write, call =>
            models.DescribeAsync(call.Part("model_id"), RunBatch.Nothing, Pairs(call.Fields, "tags", Checks.Tag, "key"), call.Cancelled));
        routes.MapCall("POST", "logged-models/{model_id}/params", Write, call =>
            models.DescribeAsync(call.Part("model_id"), Pairs(call.Fields, "params", Checks.Param, "Param key"), RunBatch.Nothing, call.Cancelled));
        // These have no body in genuine clients but an empty object.
        routes.MapCall("DELETE", "logged-models/{model_id}", Write, call => models.DeleteAsync(call.Part("model_id"), call.Cancelled));
        routes.MapCall("DELETE", "logged-models/{model_id}/tags/{tag_key}", Write, call =>
            models.DeleteTagAsync(call.Part("model_id"), Uri.UnescapeDataString(call.Part("tag_key")), call.Cancelled));
    }

    private async Task CreateAsync(MLflowCall call)
    {
        var experimentId = Checks.ExperimentId(call.Fields.RequiredString("experiment_id"));
        var name = call.Fields.String("name") is { Length: > 0 } given ? given : RunNames.Make();
        if (!LoggedModelLog.IsName(name))
        {
            throw MLflowException.Invalid(
                $"Invalid model name ({name}) provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")");
        }

        Checks.Length("name", name, 500);
        var model = await models.CreateAsync(
            new NewLoggedModel(
                experimentId, name, NullIfEmpty(call.Fields.String("model_type")), NullIfEmpty(call.Fields.String("source_run_id")),
                Pairs(call.Fields, "params", Checks.Param, "Param key"), Pairs(call.Fields, "tags", Checks.Tag, "key")),
            call.Cancelled);
        WriteModel(call, model);
    }

    private async Task GetAsync(MLflowCall call) =>
        WriteModel(call, await models.GetAsync(call.Part("model_id"), call.Fields.Bool("allow_deleted") ?? false, call.Cancelled));

    private async Task FinishAsync(MLflowCall call)
    {
        var status = call.Fields.Enum("status", Statuses) ?? throw call.Fields.Missing("status");
        WriteModel(call, await models.FinishAsync(call.Part("model_id"), Array.IndexOf(Statuses, status) + 1, call.Cancelled));
    }

    private async Task SearchAsync(MLflowCall call)
    {
        var fields = call.Fields;
        if (!fields.Has("experiment_ids"))
        {
            throw fields.Missing("experiment_ids");
        }

        var filter = fields.String("filter");
        var query = new LoggedModelQuery(
            [.. fields.Strings("experiment_ids").Select(Checks.ExperimentId).Distinct()],
            FilterParser.Parse(filter, fields.Bool("extended_filter") ?? false),
            [.. fields.Objects("datasets").Select(dataset => (dataset.RequiredString("dataset_name"), NullIfEmpty(dataset.String("dataset_digest"))))],
            [.. fields.Objects("order_by").Select(OrderOf)],
            Checks.MaxResults(fields.Long("max_results"), 100, MostResults),
            fields.String("page_token") ?? "");
        var (found, next) = await search.FindAsync(query, query.Fingerprint(filter ?? ""), call.Cancelled);
        if (found.Count > 0)
        {
            call.Answer.WriteStartArray("models");
            foreach (var model in found)
            {
                call.Answer.WriteStartObject();
                WriteFields(call.Answer, model);
                call.Answer.WriteEndObject();
            }

            call.Answer.WriteEndArray();
        }

        call.Answer.WriteOptional("next_page_token", next);
    }

    private static LoggedModelOrder OrderOf(MLflowFields fields)
    {
        var text = fields.RequiredString("field_name");
        var order = OrderBy.Parse(text);
        return new LoggedModelOrder(
            order.Name, fields.Bool("ascending") ?? true, NullIfEmpty(fields.String("dataset_name")), NullIfEmpty(fields.String("dataset_digest")));
    }

    private static List<KeyValuePair<string, string>> Pairs(MLflowFields fields, string name, Func<string, string> shorten, string lengthName)
    {
        var pairs = ExperimentCalls.Pairs(fields, name);
        for (var i = 0; i < pairs.Count; i++)
        {
            Checks.Length(lengthName, pairs[i].Key, Checks.LongestKey);
            pairs[i] = new(pairs[i].Key, shorten(pairs[i].Value));
        }

        return pairs;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static void WriteModel(MLflowCall call, LoggedModelRecord model)
    {
        call.Answer.WriteStartObject("model");
        WriteFields(call.Answer, model);
        call.Answer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, LoggedModelRecord model)
    {
        writer.WriteStartObject("info");
        writer.WriteString("model_id", model.ModelId);
        writer.WriteString("experiment_id", model.ExperimentId.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("name", model.Name);
        writer.WriteNumber("creation_timestamp_ms", model.CreatedMs);
        writer.WriteNumber("last_updated_timestamp_ms", model.UpdatedMs);
        writer.WriteString("artifact_uri", model.ArtifactUri);
        writer.WriteString("status", Statuses[model.Status - 1]);
        writer.WriteString("model_type", model.ModelType ?? "");
        writer.WriteString("source_run_id", model.SourceRunId ?? "");
        writer.WritePairs("tags", model.Tags);
        writer.WriteEndObject();
        writer.WriteStartObject("data");
        writer.WritePairs("params", model.Params);
        if (model.Metrics.Count > 0)
        {
            writer.WriteStartArray("metrics");
            foreach (var metric in model.Metrics)
            {
                writer.WriteStartObject();
                RunJson.WriteMetric(writer, metric.Value);
                writer.WriteString("model_id", model.ModelId);
                writer.WriteString("run_id", metric.RunId);
                writer.WriteOptional("dataset_name", metric.DatasetName.Length > 0 ? metric.DatasetName : null);
                writer.WriteOptional("dataset_digest", metric.DatasetDigest.Length > 0 ? metric.DatasetDigest : null);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
