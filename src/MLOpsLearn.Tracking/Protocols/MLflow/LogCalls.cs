using System.Globalization;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.Tracking.LoggedModels;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>What a run logs: "runs/log-metric", "log-parameter", "set-tag", "delete-tag", "log-batch".</summary>
internal sealed class LogCalls(RunLog log, RunLife life)
{
    private const string Write = "tracking.runs.write";
    private const int MostMetrics = 1000;
    private const int MostParams = 100;
    private const int MostTags = 100;
    private const int MostTogether = 1000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("POST", "runs/log-metric", Write, LogMetricAsync);
        routes.MapCall("POST", "runs/log-parameter", Write, LogParamAsync);
        routes.MapCall("POST", "runs/set-tag", Write, SetTagAsync);
        routes.MapCall("POST", "runs/delete-tag", Write, call =>
            life.DeleteTagAsync(call.Fields.RequiredString("run_id"), call.Fields.RequiredString("key"), call.Cancelled));
        routes.MapCall("POST", "runs/log-batch", Write, LogBatchAsync);
    }

    private Task LogMetricAsync(MLflowCall call)
    {
        var runId = Checks.RunIdOf(call.Fields);
        var value = MetricOf(call.Fields, "name");
        var models = new List<ModelMetric>();
        AddModelMetric(call.Fields, value, models);
        return log.WriteAsync(runId, new RunBatch { Metrics = [value], ModelMetrics = models }, call.Cancelled);
    }

    private Task LogParamAsync(MLflowCall call)
    {
        var runId = Checks.RunIdOf(call.Fields);
        var key = call.Fields.RequiredString("key");
        var value = call.Fields.String("value") ?? "";
        Checks.Key("key", key, "Param key");
        return log.WriteAsync(runId, new RunBatch { Params = [new(key, Checks.Param(value))] }, call.Cancelled);
    }

    private Task SetTagAsync(MLflowCall call)
    {
        var runId = Checks.RunIdOf(call.Fields);
        var key = call.Fields.RequiredString("key");
        var value = call.Fields.String("value") ?? "";
        Checks.Key("key", key, "key");
        return log.WriteAsync(runId, new RunBatch { Tags = [new(key, Checks.Tag(value))] }, call.Cancelled);
    }

    private Task LogBatchAsync(MLflowCall call)
    {
        var runId = call.Fields.RequiredString("run_id");
        Checks.RunId(runId);
        var metrics = call.Fields.Objects("metrics");
        var parameters = call.Fields.Objects("params");
        var tags = call.Fields.Objects("tags");
        CheckCount("metrics", metrics.Length, MostMetrics);
        CheckCount("params", parameters.Length, MostParams);
        CheckCount("tags", tags.Length, MostTags);
        CheckCount("metrics, params, and tags", metrics.Length + parameters.Length + tags.Length, MostTogether);

        var values = new LoggedValue[metrics.Length];
        var models = new List<ModelMetric>();
        for (var i = 0; i < metrics.Length; i++)
        {
            values[i] = MetricOf(metrics[i], "name");
            AddModelMetric(metrics[i], values[i], models);
        }

        return log.WriteAsync(
            runId, new RunBatch { Metrics = values, ModelMetrics = models, Params = ParamsOf(parameters), Tags = TagsOf(tags) }, call.Cancelled);
    }

    private static LoggedValue MetricOf(MLflowFields fields, string nameInMessages)
    {
        var key = fields.RequiredString("key");
        var value = fields.RequiredDouble("value");
        var timestamp = fields.RequiredLong("timestamp");
        var step = fields.Long("step") ?? 0;
        if (!Checks.IsPlainKey(key))
        {
            Checks.Key(fields.PathOf(nameInMessages), key, "Metric name");
        }

        Checks.Timestamp(fields.PathOf("timestamp"), key, value, timestamp);
        return new LoggedValue(key, value, step, timestamp);
    }

    private static void AddModelMetric(MLflowFields fields, LoggedValue value, List<ModelMetric> models)
    {
        var (name, digest) = (fields.String("dataset_name") ?? "", fields.String("dataset_digest") ?? "");
        if (name.Length > 0 != digest.Length > 0)
        {
            throw MLflowException.Invalid("Both dataset_name and dataset_digest must be provided if one is provided");
        }

        if (fields.String("model_id") is { Length: > 0 } modelId)
        {
            Checks.Length("dataset_name", name, 500);
            Checks.Length("dataset_digest", digest, 36);
            models.Add(new ModelMetric(Checks.ModelId(modelId), value, name, digest));
        }
    }

    private static List<KeyValuePair<string, string>> ParamsOf(MLflowFields[] items)
    {
        var pairs = new List<KeyValuePair<string, string>>(items.Length);
        var twice = new List<string>();
        foreach (var item in items)
        {
            var key = item.RequiredString("key");
            Checks.Key(item.PathOf("key"), key, "Param key");
            if (pairs.Exists(pair => pair.Key == key))
            {
                twice.Add(key);
            }

            pairs.Add(new(key, Checks.Param(item.String("value") ?? "")));
        }

        return twice.Count == 0 ? pairs : throw MLflowException.Invalid(
            $"Duplicate parameter keys have been submitted: [{string.Join(", ", twice.Select(key => $"'{key}'"))}]. "
            + "Please ensure the request contains only one param value per param key.");
    }

    private static List<KeyValuePair<string, string>> TagsOf(MLflowFields[] items)
    {
        var pairs = new List<KeyValuePair<string, string>>(items.Length);
        foreach (var item in items)
        {
            var key = item.RequiredString("key");
            Checks.Key(item.PathOf("key"), key, item.PathOf("key"));
            pairs.RemoveAll(pair => pair.Key == key);
            pairs.Add(new(key, Checks.Tag(item.String("value") ?? "")));
        }

        return pairs;
    }

    private static void CheckCount(string what, int count, int most)
    {
        if (count > most)
        {
            throw MLflowException.Invalid(string.Create(
                CultureInfo.InvariantCulture,
                $"A batch logging request can contain at most {most} {what}. Got {count} {what}. Please split up {what} across multiple requests and try again."));
        }
    }
}
