using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Metrics;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>The native contract's way to the log of a run.</summary>
internal sealed class LogBatchCall(RunLog log, TimeProvider time)
{
    private const int MostShown = 80;

    /// <exception cref="RpcException">INVALID_ARGUMENT, NOT_FOUND, or FAILED_PRECONDITION for a deleted run.</exception>
    public async Task<LogBatchResponse> RunAsync(LogBatchRequest request, CancellationToken cancellationToken)
    {
        LogBatchChecks.ThrowIfBroken(request);
        RunCatalog.CheckRunId(request.RunId).ThrowIfAny();
        var now = time.GetUtcNow();
        var values = new LoggedValue[request.Metrics.Count];
        List<LoggedModels.ModelMetric>? ofModels = null;
        for (var i = 0; i < values.Length; i++)
        {
            var metric = request.Metrics[i];
            values[i] = LoggedValue.Of(metric, now);
            if (metric.ModelId.Length > 0)
            {
                (ofModels ??= []).Add(new LoggedModels.ModelMetric(metric.ModelId, values[i], metric.DatasetName, metric.DatasetDigest));
            }
        }

        var batch = new RunBatch { Metrics = values, ModelMetrics = ofModels ?? [], Params = [.. request.Params], Tags = [.. request.Tags], Datasets = request.Datasets };
        try
        {
            await RefusedCalls.SayAsync(log.WriteAsync(request.RunId, batch, cancellationToken));
        }
        catch (ParamTakenException exception)
        {
            throw RpcErrors.Invalid([.. exception.Conflicts.Select(conflict => new FieldFault(
                $"params[{Shorten(conflict.Key)}]", Shorten(conflict.NewValue), $"must stay '{Shorten(conflict.OldValue)}': a param is set once"))]);
        }

        return new LogBatchResponse();
    }

    // An error travels in a header, which has no room for whole values.
    private static string Shorten(string text) => text.Length <= MostShown ? text : text[..MostShown] + "…";
}
