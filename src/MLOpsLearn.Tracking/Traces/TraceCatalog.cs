using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Runs;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.Traces;

/// <summary>The native contract's way to traces.</summary>
internal sealed class TraceCatalog(TraceLog traces, TraceSearch search)
{
    private const int MostExperiments = 1000;
    private const int MostIds = 100;
    private const int LongestPreview = 10_000;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT; NOT_FOUND for an experiment that there is not; FAILED_PRECONDITION for a deleted one.</exception>
    public Task<Contracts.Tracking.V1.Trace> RecordAsync(RecordTraceRequest request, CancellationToken cancellationToken)
    {
        var given = request.Trace ?? new Contracts.Tracking.V1.Trace();
        var checks = new FieldChecks();
        CheckId(checks, "trace.trace_id", given.TraceId)
            .Require(given.StartTime is not null && Moments.IsValid(given.StartTime), "trace.start_time", $"{given.StartTime?.Seconds} s", Moments.Rule)
            .Require(given.Duration is not { } time || (time.Seconds is >= 0 and <= 315_576_000_000 && time.Nanos is >= 0 and < 1_000_000_000), "trace.duration", $"{given.Duration?.Seconds} s", "must not be negative")
            .Require(Enum.IsDefined(given.State), "trace.state", given.State, "must be OK, ERROR or IN_PROGRESS, or absent")
            .Text("trace.client_request_id", given.ClientRequestId, 500, required: false)
            .Text("trace.request_preview", given.RequestPreview, LongestPreview, required: false).Text("trace.response_preview", given.ResponsePreview, LongestPreview, required: false)
            .Tags("trace.metadata", given.Metadata).Tags("trace.tags", given.Tags).ThrowIfAny();
        var trace = new TraceRecord(
            given.TraceId, given.ExperimentId, given.StartTime!.ToDateTimeOffset().ToUnixTimeMilliseconds(), given.Duration is { } duration ? (duration.Seconds * 1000) + (duration.Nanos / 1_000_000) : null,
            (TraceState)given.State, NullIfEmpty(given.ClientRequestId), NullIfEmpty(given.RequestPreview), NullIfEmpty(given.ResponsePreview));
        trace.Tags.AddRange(given.Tags);
        trace.Metadata.AddRange(given.Metadata);
        return ShowAsync(traces.WriteAsync(trace, cancellationToken));
    }

    public Task<Contracts.Tracking.V1.Trace> GetAsync(string traceId, CancellationToken cancellationToken)
    {
        CheckId(new FieldChecks(), "trace_id", traceId).ThrowIfAny();
        return ShowAsync(traces.GetAsync(traceId, cancellationToken));
    }

    public async Task<SearchTracesResponse> SearchAsync(SearchTracesRequest request, CancellationToken cancellationToken)
    {
        RunSearchCall.Check(request.PageSize, request.Filter, LifecycleView.Active)
            .Require(request.ExperimentIds.Count is >= 1 and <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"takes 1 to {MostExperiments} entries").ThrowIfAny();
        var (found, next) = await RefusedCalls.ReadAsync(
            "filter",
            request.Filter,
            search.FindAsync(
                [.. request.ExperimentIds.Distinct()],
                RefusedCalls.Read("filter", request.Filter, () => FilterParser.Parse(request.Filter, extended: true)),
                RefusedCalls.Read("order_by", string.Join(", ", request.OrderBy), () => request.OrderBy.Select(OrderBy.Parse).ToList()),
                PageToken.SizeOrDefault(request.PageSize),
                request.PageToken,
                cancellationToken));
        return new SearchTracesResponse { Traces = { found.Select(trace => trace.ToProto()) }, NextPageToken = next ?? "" };
    }

    public async Task<Contracts.Tracking.V1.Trace> SetTagAsync(SetTraceTagRequest request, CancellationToken cancellationToken)
    {
        CheckId(new FieldChecks(), "trace_id", request.TraceId).Text("key", request.Key, 250).Text("value", request.Value, 8000, required: false).ThrowIfAny();
        await RefusedCalls.SayAsync(traces.SetTagAsync(request.TraceId, request.Key, request.Value, cancellationToken));
        return await GetAsync(request.TraceId, cancellationToken);
    }

    public async Task<Contracts.Tracking.V1.Trace> DeleteTagAsync(DeleteTraceTagRequest request, CancellationToken cancellationToken)
    {
        CheckId(new FieldChecks(), "trace_id", request.TraceId).Text("key", request.Key, 250).ThrowIfAny();
        await RefusedCalls.SayAsync(traces.DeleteTagAsync(request.TraceId, request.Key, cancellationToken));
        return await GetAsync(request.TraceId, cancellationToken);
    }

    public async Task<DeleteTracesResponse> DeleteAsync(DeleteTracesRequest request, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks()
            .Require(request.TraceIds.Count > 0 != request.Until is not null, "trace_ids", request.TraceIds.Count, "must be given, or until, and not both")
            .Require(request.TraceIds.Count <= MostIds, "trace_ids", request.TraceIds.Count, $"takes at most {MostIds} entries")
            .Require(Moments.IsValid(request.Until), "until", $"{request.Until?.Seconds} s", Moments.Rule)
            .Range("max_traces", request.MaxTraces, 0, int.MaxValue);
        foreach (var id in request.TraceIds.Take(MostIds))
        {
            CheckId(checks, "trace_ids", id);
        }

        checks.ThrowIfAny();
        return new DeleteTracesResponse
        {
            Deleted = await traces.DeleteAsync(
                request.ExperimentId, request.TraceIds.Count > 0 ? request.TraceIds : null, request.Until?.ToDateTimeOffset().ToUnixTimeMilliseconds(),
                request.MaxTraces == 0 ? null : request.MaxTraces, cancellationToken),
        };
    }

    private static FieldChecks CheckId(FieldChecks checks, string field, string traceId) =>
        checks.Require(TraceRecord.IsId(traceId), field, traceId, TraceRecord.IdRule);

    private static async Task<Contracts.Tracking.V1.Trace> ShowAsync(Task<TraceRecord> call) => (await RefusedCalls.SayAsync(call)).ToProto();

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
