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
        new FieldChecks().Require(RunCatalog.IsRunId(request.RunId), "run_id", request.RunId, "must be 32 hexadecimal digits").ThrowIfAny();
        var now = time.GetUtcNow();
        try
        {
            await log.WriteAsync(
                request.RunId,
                new RunBatch
                {
                    Metrics = [.. request.Metrics.Select(metric => LoggedValue.Of(metric, now))],
                    Params = [.. request.Params],
                    Tags = [.. request.Tags],
                    Datasets = request.Datasets,
                },
                cancellationToken);
        }
        catch (ParamTakenException exception)
        {
            throw RpcErrors.Invalid([.. exception.Conflicts.Select(conflict => new FieldFault(
                $"params[{Shorten(conflict.Key)}]", Shorten(conflict.NewValue), $"must stay '{Shorten(conflict.OldValue)}': a param is set once"))]);
        }
        catch (RefusedException exception)
        {
            throw ToRpc(exception);
        }

        return new LogBatchResponse();
    }

    private static RpcException ToRpc(RefusedException exception) => exception.Reason switch
    {
        Refusal.NotFound => RpcErrors.NotFound(exception.Kind, exception.Subject),
        Refusal.NotActive => RpcErrors.FailedPrecondition("DELETED", exception.Subject, exception.Message),
        _ => RpcErrors.Invalid(exception.Kind, exception.Subject, exception.Message),
    };

    // An error travels in a header, which has no room for whole values.
    private static string Shorten(string text) => text.Length <= MostShown ? text : text[..MostShown] + "…";
}
