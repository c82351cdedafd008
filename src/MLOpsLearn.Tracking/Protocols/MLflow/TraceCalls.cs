using System.Globalization;
using Microsoft.AspNetCore.Routing;
using MLOpsLearn.MLflow.Errors;
using MLOpsLearn.MLflow.Routing;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.MLflow.Writing;
using MLOpsLearn.Tracking.Traces;

namespace MLOpsLearn.Tracking.Protocols.MLflow;

/// <summary>
/// The calls under "traces" that a client makes by itself when something that it runs is traced, in the form of MLflow 3 and in that of MLflow 2. Spans
/// are no part of them: clients keep those as an artifact of the trace.
/// </summary>
internal sealed class TraceCalls(TraceLog traces, TraceSearch search)
{
    private const string Read = "tracking.runs.read";
    private const string Write = "tracking.runs.write";
    private const int MostResults = 500;
    private const int MostIds = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        MapV3("POST", "traces", Write, StartAsync);
        MapV3("POST", "traces/search", Read, SearchAsync);
        MapV3("GET", "traces/{trace_id}", Read, async call => TraceJson.WriteTrace(call, await traces.GetAsync(call.Part("trace_id"), call.Cancelled)));
        routes.MapCall("POST", "traces", Write, StartOldAsync);
        routes.MapCall("GET", "traces", Read, SearchOldAsync);
        routes.MapCall("PATCH", "traces/{trace_id}", Write, EndOldAsync);
        routes.MapCall("GET", "traces/{trace_id}/info", Read, async call => TraceJson.WriteOldInfo(call, await traces.GetAsync(call.Part("trace_id"), call.Cancelled)));
        foreach (var version in new[] { "2.0", "3.0" })
        {
            Map("POST", version, "traces/delete-traces", Write, DeleteAsync);
            Map("PATCH", version, "traces/{trace_id}/tags", Write, SetTagAsync);
            Map("DELETE", version, "traces/{trace_id}/tags", Write, call => traces.DeleteTagAsync(call.Part("trace_id"), call.Fields.RequiredString("key"), call.Cancelled));
        }

        void MapV3(string method, string path, string permission, Func<MLflowCall, Task> handler) => Map(method, "3.0", path, permission, handler);

        void Map(string method, string version, string path, string permission, Func<MLflowCall, Task> handler) =>
            routes.MapMLflow(method, $"{version}/mlflow/{path}", permission, Refusals.Translated(handler));
    }

    private async Task StartAsync(MLflowCall call)
    {
        var trace = call.Fields.Object("trace") ?? throw call.Fields.Missing("trace");
        var info = trace.Object("trace_info") ?? throw trace.Missing("trace_info");
        TraceJson.WriteTrace(call, await traces.WriteAsync(TraceFields.Read(info), call.Cancelled));
    }

    private async Task StartOldAsync(MLflowCall call)
    {
        var fields = call.Fields;
        var trace = new TraceRecord(
            Guid.NewGuid().ToString("N"), Checks.ExperimentId(fields.RequiredString("experiment_id")), TraceFields.Milliseconds(fields, "timestamp_ms"), null, TraceState.InProgress, null, null, null);
        trace.Tags.AddRange(TraceFields.Pairs(fields, "tags"));
        trace.Metadata.AddRange(TraceFields.Pairs(fields, "request_metadata"));
        TraceJson.WriteOldInfo(call, await traces.WriteAsync(trace, call.Cancelled));
    }

    private async Task EndOldAsync(MLflowCall call)
    {
        var fields = call.Fields;
        TraceJson.WriteOldInfo(call, await traces.EndAsync(
            call.Part("trace_id"), TraceFields.Milliseconds(fields, "timestamp_ms"), TraceFields.State(fields, "status"), TraceFields.Pairs(fields, "tags"), TraceFields.Pairs(fields, "request_metadata"), call.Cancelled));
    }

    private async Task SearchAsync(MLflowCall call)
    {
        var locations = call.Fields.Objects("locations");
        if (locations.Length == 0)
        {
            throw call.Fields.Missing("locations");
        }

        var ids = new List<long>();
        foreach (var location in locations)
        {
            var experiment = location.Object("mlflow_experiment") ?? throw location.Missing("mlflow_experiment");
            ids.Add(Checks.ExperimentId(experiment.RequiredString("experiment_id")));
        }

        var (found, next) = await FindAsync(call, ids);
        TraceJson.WriteList(call, found, TraceJson.WriteInfo);
        call.Answer.WriteOptional("next_page_token", next);
    }

    private async Task SearchOldAsync(MLflowCall call)
    {
        var ids = call.Fields.Strings("experiment_ids").Select(id => Checks.ExperimentId(id)).ToList();
        var (found, next) = await FindAsync(call, ids);
        TraceJson.WriteList(call, found, TraceJson.WriteOldInfo);
        call.Answer.WriteOptional("next_page_token", next);
    }

    private Task<(List<TraceRecord> Traces, string? NextToken)> FindAsync(MLflowCall call, IEnumerable<long> experimentIds) => search.FindAsync(
        [.. experimentIds.Distinct()],
        FilterParser.Parse(call.Fields.String("filter")),
        [.. call.Fields.Strings("order_by").Select(OrderBy.Parse)],
        Checks.MaxResults(call.Fields.Long("max_results"), 100, MostResults),
        call.Fields.String("page_token") ?? "",
        call.Cancelled);

    private async Task DeleteAsync(MLflowCall call)
    {
        var fields = call.Fields;
        var experimentId = Checks.ExperimentId(fields.RequiredString("experiment_id"));
        var ids = fields.Has("request_ids") ? fields.Strings("request_ids") : null;
        var (until, most) = (fields.Long("max_timestamp_millis"), fields.Int("max_traces"));
        if ((ids is { Count: > 0 }) == until is not null)
        {
            throw MLflowException.Invalid("Either `max_timestamp_millis` or `trace_ids` must be specified, but not both.");
        }

        if (ids is { Count: > MostIds })
        {
            throw MLflowException.Invalid(string.Create(CultureInfo.InvariantCulture, $"At most {MostIds} traces can be deleted by their ids in one request. Got {ids.Count}."));
        }

        if (most is < 1)
        {
            throw MLflowException.Invalid($"Invalid value {most} for parameter 'max_traces' supplied. It must be a positive integer");
        }

        var deleted = await traces.DeleteAsync(experimentId, ids is { Count: > 0 } ? ids : null, until, most, call.Cancelled);
        call.Answer.WriteNumber("traces_deleted", deleted);
    }

    private Task SetTagAsync(MLflowCall call)
    {
        var key = call.Fields.RequiredString("key");
        Checks.Key("key", key, "key");
        return traces.SetTagAsync(call.Part("trace_id"), key, Checks.Tag(call.Fields.String("value") ?? ""), call.Cancelled);
    }
}
