using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Reading;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>The calls under "metrics/": histories, whole, of several runs, and thinned out for charts.</summary>
internal sealed class MetricCalls(MetricHistoryReader history, MetricSampler sampler)
{
    private const string Read = "tracking.runs.read";
    private const int MostRuns = 100;
    private const int MostBulk = 25_000;
    private const int MostSampled = 2500;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "metrics/get-history", Read, GetHistoryAsync);
        routes.MapCall("GET", "metrics/get-history-bulk", Read, GetBulkAsync);
        routes.MapCall("GET", "metrics/get-history-bulk-interval", Read, GetSampledAsync);
    }

    private async Task GetHistoryAsync(MLflowCall call)
    {
        var runId = Checks.RunIdOf(call.Fields);
        var key = call.Fields.RequiredString("metric_key");
        // Absent or 0: all there is.
        var max = call.Fields.Long("max_results") is { } given and not 0 ? Checks.MaxResults(given, 1, int.MaxValue) : long.MaxValue;
        var hasPoints = false;
        var next = await history.ReadAsync(
            runId,
            key,
            max,
            call.Fields.String("page_token") ?? "",
            async points =>
            {
                if (!hasPoints && points.Count > 0)
                {
                    call.Answer.WriteStartArray("metrics");
                    hasPoints = true;
                }

                foreach (var point in points)
                {
                    call.Answer.WriteStartObject();
                    RunJson.WriteMetric(call.Answer, point);
                    call.Answer.WriteEndObject();
                }

                await call.FlushIfLargeAsync();
            },
            call.Cancelled);
        if (hasPoints)
        {
            call.Answer.WriteEndArray();
        }

        call.Answer.WriteOptional("next_page_token", next);
    }

    private async Task GetBulkAsync(MLflowCall call)
    {
        var runIds = RunIds(call.Fields, "run_id", "GetMetricHistoryBulk", "cannot specify more than");
        var key = call.Fields.String("metric_key") is { Length: > 0 } given ? given : throw MLflowException.Invalid("GetMetricHistoryBulk request must specify a metric_key.");
        var max = Math.Min(Checks.MaxResults(call.Fields.Long("max_results"), MostBulk, int.MaxValue), MostBulk);
        Write(call, await history.BulkAsync(runIds, key, max, call.Cancelled), alwaysPresent: true);
    }

    private async Task GetSampledAsync(MLflowCall call)
    {
        if (call.Fields.Strings("run_ids").Count == 0)
        {
            throw call.Fields.Missing("run_ids");
        }

        var runIds = RunIds(call.Fields, "run_ids", "GetMetricHistoryBulkInterval", "must specify at most");
        var key = call.Fields.RequiredString("metric_key");
        var max = call.Fields.Long("max_results") ?? MostSampled;
        if (max is < 1 or > MostSampled)
        {
            throw MLflowException.Invalid($"max_results must be between 1 and {MostSampled}");
        }

        var (start, end) = (call.Fields.Long("start_step"), call.Fields.Long("end_step"));
        if (start is null != end is null)
        {
            throw MLflowException.Invalid("If either start step or end step are specified, both must be specified.");
        }

        if (start > end)
        {
            throw MLflowException.Invalid($"end_step must be greater than start_step. Found start_step={start} and end_step={end}.");
        }

        Write(call, await sampler.SampleAsync(runIds, key, start ?? long.MinValue, end ?? long.MaxValue, (int)max, call.Cancelled), alwaysPresent: false);
    }

    private static List<string> RunIds(MLflowFields fields, string name, string what, string rule)
    {
        var runIds = fields.Strings(name);
        return runIds.Count == 0 ? throw MLflowException.Invalid($"{what} request must specify at least one {name}.")
            : runIds.Count > MostRuns ? throw MLflowException.Invalid($"{what} request {rule} {MostRuns} run_ids. Received {runIds.Count} run_ids.")
            : [.. runIds.Distinct()];
    }

    private static void Write(MLflowCall call, List<RunPoint> points, bool alwaysPresent)
    {
        if (points.Count == 0 && !alwaysPresent)
        {
            return;
        }

        call.Answer.WriteStartArray("metrics");
        foreach (var point in points)
        {
            call.Answer.WriteStartObject();
            RunJson.WriteMetric(call.Answer, point.Value);
            call.Answer.WriteString("run_id", point.RunId);
            call.Answer.WriteEndObject();
        }

        call.Answer.WriteEndArray();
    }
}
