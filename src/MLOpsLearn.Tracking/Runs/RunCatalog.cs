using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Starts, ends and finds runs.</summary>
internal sealed class RunCatalog(TrackingDbContext context, TimeProvider time)
{
    public async Task<Contracts.Tracking.V1.Run> CreateAsync(CreateRunRequest request, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks().RequestId(request.RequestId).Text("name", request.Name, 500, required: false).Tags("tags", request.Tags);
        if (request.StartTime is not null && !IsMoment(request.StartTime))
        {
            checks.Fault("start_time", $"{request.StartTime.Seconds} s", "must be a moment from year 1 to 9999");
        }

        checks.ThrowIfAny();
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var experiment = await context.Experiments.AsNoTracking().FirstOrDefaultAsync(experiment => experiment.Id == request.ExperimentId, token)
                    ?? throw RpcErrors.NotFound("experiment", request.ExperimentId);
                var id = Guid.CreateVersion7().ToString("N");
                var run = new Run
                {
                    RunId = id,
                    ExperimentId = request.ExperimentId,
                    Workspace = Workspaces.Default,
                    Name = request.Name.Length > 0 ? request.Name : $"run-{id[^8..]}",
                    StartMs = (request.StartTime?.ToDateTimeOffset() ?? time.GetUtcNow()).ToUnixTimeMilliseconds(),
                    ArtifactUri = ArtifactLocations.OfRun(experiment.ArtifactLocation, experiment.Id, id),
                };
                context.Runs.Add(run);
                await context.SaveChangesAsync(token);
                context.Tags.AddRange(request.Tags.Select(tag => new RunTag { RunKey = run.Key, Name = tag.Key, Value = tag.Value }));
                await context.SaveChangesAsync(token);
                var view = run.ToProto();
                view.Tags.Add(request.Tags);
                TrackingTelemetry.Started();
                return view;
            },
            cancellationToken);
    }

    public async Task<Contracts.Tracking.V1.Run> GetAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await FindAsync(runId, cancellationToken);
        return (await ViewAsync([run], cancellationToken))[0];
    }

    public async Task<Contracts.Tracking.V1.Run> FinishAsync(FinishRunRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Require(
            request.Status is RunStatus.Finished or RunStatus.Failed or RunStatus.Killed,
            "status",
            request.Status,
            "must be FINISHED, FAILED or KILLED")
            .Require(request.EndTime is null || IsMoment(request.EndTime), "end_time", $"{request.EndTime?.Seconds} s", "must be a moment from year 1 to 9999").ThrowIfAny();
        var run = await FindAsync(request.RunId, cancellationToken);
        var end = (request.EndTime?.ToDateTimeOffset() ?? time.GetUtcNow()).ToUnixTimeMilliseconds();
        // One statement, so that of two ends at once one holds and the other learns of it.
        var ended = await context.Runs.Where(other => other.Key == run.Key && other.Status == RunStatus.Running).ExecuteUpdateAsync(
            update => update.SetProperty(other => other.Status, request.Status).SetProperty(other => other.EndMs, end), cancellationToken);
        TrackingTelemetry.Ended(request.Status, ended);
        run = await FindAsync(request.RunId, cancellationToken);
        if (run.Status != request.Status)
        {
            throw RpcErrors.FailedPrecondition("RUN_ENDED", run.RunId, $"Run {run.RunId} is {run.Status}; it can't become {request.Status}.");
        }

        return (await ViewAsync([run], cancellationToken))[0];
    }

    public async Task<ListRunsResponse> ListAsync(ListRunsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var before = PageToken.DecodeNumber(request.PageToken) ?? long.MaxValue;
        var page = await context.Runs.AsNoTracking()
            .Where(run => run.ExperimentId == request.ExperimentId && run.Key < before && run.DeletedMs == null)
            .OrderByDescending(run => run.Key).Take(size + 1).ToListAsync(cancellationToken);
        return new ListRunsResponse
        {
            Runs = { await ViewAsync(page.Take(size).ToList(), cancellationToken) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Key) : "",
        };
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT for what can't be a run's id, NOT_FOUND for what isn't one.</exception>
    public async Task<Run> FindAsync(string runId, CancellationToken cancellationToken)
    {
        new FieldChecks().Require(IsRunId(runId), "run_id", runId, "must be 32 hexadecimal digits").ThrowIfAny();
        return await context.Runs.AsNoTracking().FirstOrDefaultAsync(run => run.RunId == runId, cancellationToken)
            ?? throw RpcErrors.NotFound("run", runId);
    }

    public static bool IsRunId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigitLower);

    internal static bool IsMoment(Timestamp time) => time.Seconds is >= -62135596800 and <= 253402300799 && time.Nanos is >= 0 and < 1_000_000_000;

    /// <summary>Runs with all that belongs to them, in one query for each kind of thing whatever their number.</summary>
    public async Task<List<Contracts.Tracking.V1.Run>> ViewAsync(IReadOnlyList<Run> runs, CancellationToken cancellationToken)
    {
        var keys = runs.Select(run => run.Key).ToList();
        var parameters = (await context.Params.AsNoTracking().Where(item => keys.Contains(item.RunKey)).ToListAsync(cancellationToken))
            .ToLookup(item => item.RunKey);
        var tags = (await context.Tags.AsNoTracking().Where(item => keys.Contains(item.RunKey)).ToListAsync(cancellationToken))
            .ToLookup(item => item.RunKey);
        var metrics = (await context.LatestMetrics.Where(item => keys.Contains(item.RunKey))
            .Join(
                context.MetricKeys,
                item => item.KeyId,
                key => key.Id,
                (item, key) => new { item.RunKey, key.Name, item.Value, item.IsNan, item.Step, item.TimeMs })
            .ToListAsync(cancellationToken)).ToLookup(item => item.RunKey);
        var datasets = (await context.Datasets.AsNoTracking().Where(item => keys.Contains(item.RunKey)).ToListAsync(cancellationToken))
            .ToLookup(item => item.RunKey);
        return [.. runs.Select(run =>
        {
            var view = run.ToProto();
            view.Params.Add(parameters[run.Key].ToDictionary(item => item.Name, item => item.Value));
            view.Tags.Add(tags[run.Key].ToDictionary(item => item.Name, item => item.Value));
            view.Metrics.Add(metrics[run.Key].OrderBy(item => item.Name, StringComparer.Ordinal)
                .Select(item => LoggedValue.ToProto(item.Name, item.Value, item.IsNan, item.Step, item.TimeMs)));
            view.Datasets.Add(datasets[run.Key].OrderBy(item => item.Name, StringComparer.Ordinal).Select(item => item.ToProto()));
            return view;
        })];
    }
}
