using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>The native contract's way to the histories of several runs.</summary>
internal sealed class MetricHistories(MetricHistoryReader reader, MetricSampler sampler)
{
    public const int MostRuns = 100;
    public const int MostPoints = 25_000;
    public const int MostSteps = 2500;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public async Task<Contracts.Tracking.V1.MetricHistories> ListAsync(ListMetricHistoriesRequest request, CancellationToken cancellationToken)
    {
        Check(request.RunIds, request.Key).Range("max_points", request.MaxPoints, 0, MostPoints).ThrowIfAny();
        return Answer(await reader.BulkAsync(
            [.. request.RunIds.Distinct()], request.Key, request.MaxPoints == 0 ? MostPoints : request.MaxPoints, cancellationToken));
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public async Task<Contracts.Tracking.V1.MetricHistories> SampleAsync(SampleMetricHistoriesRequest request, CancellationToken cancellationToken)
    {
        Check(request.RunIds, request.Key).Range("max_steps", request.MaxSteps, 0, MostSteps)
            .Require(request.HasStartStep == request.HasEndStep, request.HasStartStep ? "end_step" : "start_step", "", "must come with the other")
            .Require(!request.HasStartStep || !request.HasEndStep || request.StartStep <= request.EndStep, "end_step", request.EndStep, "must not be below start_step")
            .ThrowIfAny();
        return Answer(await sampler.SampleAsync(
            [.. request.RunIds.Distinct()],
            request.Key,
            request.HasStartStep ? request.StartStep : long.MinValue,
            request.HasEndStep ? request.EndStep : long.MaxValue,
            request.MaxSteps == 0 ? MostSteps : request.MaxSteps,
            cancellationToken));
    }

    private static FieldChecks Check(IReadOnlyCollection<string> runIds, string key)
    {
        var checks = new FieldChecks().Text("key", key, 250).Require(runIds.Count is >= 1 and <= MostRuns, "run_ids", runIds.Count, $"takes 1 to {MostRuns} entries");
        foreach (var runId in runIds.Take(MostRuns))
        {
            checks.Require(RunCatalog.IsRunId(runId), "run_ids", runId, "must be 32 hexadecimal digits");
        }

        return checks;
    }

    /// <summary>The points come run by run.</summary>
    private static Contracts.Tracking.V1.MetricHistories Answer(List<RunPoint> points)
    {
        var answer = new Contracts.Tracking.V1.MetricHistories();
        RunHistory? history = null;
        foreach (var point in points)
        {
            if (history?.RunId != point.RunId)
            {
                history = new RunHistory { RunId = point.RunId };
                answer.Histories.Add(history);
            }

            history.Metrics.Add(point.Value.ToProto());
        }

        return answer;
    }
}
