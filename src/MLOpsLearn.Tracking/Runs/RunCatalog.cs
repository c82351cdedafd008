using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>The native contract's way to the life of runs.</summary>
internal sealed class RunCatalog(WriteQueue queue, RunLife life, RunReader reader, TimeProvider time)
{
    private const int LongestName = 500;

    /// <exception cref="RpcException">INVALID_ARGUMENT; NOT_FOUND for an experiment that there is not; FAILED_PRECONDITION for a deleted one.</exception>
    public Task<Contracts.Tracking.V1.Run> CreateAsync(CreateRunRequest request, CancellationToken cancellationToken)
    {
        var tagged = request.Tags.TryGetValue(RunLog.NameTag, out var tag) ? tag : "";
        new FieldChecks().RequestId(request.RequestId).Text("name", request.Name, LongestName, required: false).Tags("tags", request.Tags)
            .Text("user_id", request.UserId, 250, required: false)
            .Require(Moments.IsValid(request.StartTime), "start_time", $"{request.StartTime?.Seconds} s", Moments.Rule)
            .Require(
                request.Name.Length == 0 || tagged.Length == 0 || tagged == request.Name, $"tags[{RunLog.NameTag}]", tagged, "must be the name, or absent").ThrowIfAny();
        return RefusedCalls.SayAsync(queue.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async session =>
            {
                var start = request.StartTime?.ToDateTimeOffset() ?? time.GetUtcNow();
                var name = request.Name.Length > 0 ? request.Name : tagged;
                var (run, data) = await RunLife.AddAsync(session, new NewRun(request.ExperimentId, name, request.UserId, start.ToUnixTimeMilliseconds(), request.Tags));
                return RunView.Of(run, data);
            },
            cancellationToken));
    }

    public async Task<Contracts.Tracking.V1.Run> GetAsync(string runId, CancellationToken cancellationToken)
    {
        CheckRunId(runId).ThrowIfAny();
        var (run, data) = await RefusedCalls.SayAsync(reader.GetAsync(runId, cancellationToken));
        return RunView.Of(run, data);
    }

    public async Task<Contracts.Tracking.V1.Run> FinishAsync(FinishRunRequest request, CancellationToken cancellationToken)
    {
        CheckRunId(request.RunId)
            .Require(request.Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed, "status", request.Status, "must be FINISHED, FAILED or KILLED")
            .Require(Moments.IsValid(request.EndTime), "end_time", $"{request.EndTime?.Seconds} s", Moments.Rule).ThrowIfAny();
        var end = request.EndTime?.ToDateTimeOffset() ?? time.GetUtcNow();
        var run = await RefusedCalls.SayAsync(life.FinishAsync(request.RunId, request.Status, end.ToUnixTimeMilliseconds(), cancellationToken));
        return run.Status == request.Status
            ? await GetAsync(request.RunId, cancellationToken)
            : throw RpcErrors.FailedPrecondition("RUN_ENDED", run.RunId, $"Run {run.RunId} is {run.Status}; it can't become {request.Status}.");
    }

    public async Task<Contracts.Tracking.V1.Run> UpdateAsync(UpdateRunRequest request, CancellationToken cancellationToken)
    {
        CheckRunId(request.RunId)
            .Require(Enum.IsDefined(request.Status), "status", request.Status, "must be RUNNING, SCHEDULED, FINISHED, FAILED or KILLED, or absent")
            .Require(Moments.IsValid(request.EndTime), "end_time", $"{request.EndTime?.Seconds} s", Moments.Rule)
            .Text("name", request.Name, LongestName, required: false).ThrowIfAny();
        var change = new RunChange(
            request.Status == RunStatus.Unspecified ? null : request.Status, request.EndTime?.ToDateTimeOffset().ToUnixTimeMilliseconds(), request.Name);
        await RefusedCalls.SayAsync(life.UpdateAsync(request.RunId, change, cancellationToken));
        return await GetAsync(request.RunId, cancellationToken);
    }

    public async Task<DeleteRunResponse> DeleteAsync(string runId, CancellationToken cancellationToken)
    {
        CheckRunId(runId).ThrowIfAny();
        await RefusedCalls.SayAsync(life.SetDeletedAsync(runId, isDeleted: true, cancellationToken));
        return new DeleteRunResponse();
    }

    public async Task<Contracts.Tracking.V1.Run> RestoreAsync(string runId, CancellationToken cancellationToken)
    {
        CheckRunId(runId).ThrowIfAny();
        await RefusedCalls.SayAsync(life.SetDeletedAsync(runId, isDeleted: false, cancellationToken));
        return await GetAsync(runId, cancellationToken);
    }

    public async Task<Contracts.Tracking.V1.Run> DeleteTagAsync(DeleteRunTagRequest request, CancellationToken cancellationToken)
    {
        CheckRunId(request.RunId).Text("key", request.Key, 250).ThrowIfAny();
        await RefusedCalls.SayAsync(life.DeleteTagAsync(request.RunId, request.Key, cancellationToken));
        return await GetAsync(request.RunId, cancellationToken);
    }

    public async Task<ListRunsResponse> ListAsync(ListRunsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var page = await reader.ListAsync(request.ExperimentId, PageToken.DecodeNumber(request.PageToken) ?? long.MaxValue, size + 1, cancellationToken);
        return new ListRunsResponse
        {
            Runs = { page.Take(size).Select(found => RunView.Of(found.Run, found.Data)) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Run.Key) : "",
        };
    }

    /// <exception cref="RpcException">INVALID_ARGUMENT for what can't be a run's id, NOT_FOUND for what isn't one.</exception>
    public Task<RunRecord> FindAsync(string runId, CancellationToken cancellationToken)
    {
        CheckRunId(runId).ThrowIfAny();
        return RefusedCalls.SayAsync(reader.FindAsync(runId, cancellationToken));
    }

    public static bool IsRunId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    public static FieldChecks CheckRunId(string runId) => new FieldChecks().Require(IsRunId(runId), "run_id", runId, "must be 32 hexadecimal digits");
}
