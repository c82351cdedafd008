using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Registry.Versions;

/// <summary>Asks tracking for the runs that versions come from. Never called within a transaction: nobody waits for another service while holding the database.</summary>
internal sealed class SourceRuns(Contracts.Tracking.V1.Tracking.TrackingClient tracking)
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(10);

    /// <returns>The run's file at <paramref name="path"/>; null when it has none.</returns>
    /// <exception cref="RpcException">FAILED_PRECONDITION when there is no such run, UNAVAILABLE when tracking does not answer.</exception>
    public async Task<Artifact?> FindFileAsync(string runId, string path, CancellationToken cancellationToken)
    {
        if (!IsRunId(runId))
        {
            // A foreign client may have registered a version from no run, or from one that it made up.
            throw RpcErrors.FailedPrecondition("RUN_MISSING", runId, $"The version comes from no run of this server ('{runId}').");
        }

        try
        {
            await tracking.GetRunAsync(new GetRunRequest { RunId = runId }, deadline: Deadline, cancellationToken: cancellationToken);
            var request = new ListArtifactsRequest { RunId = runId, PageSize = 1000 };
            do
            {
                var page = await tracking.ListArtifactsAsync(request, deadline: Deadline, cancellationToken: cancellationToken);
                if (page.Artifacts.FirstOrDefault(artifact => artifact.Path == path) is { } found)
                {
                    return found;
                }

                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            return null;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            throw RpcErrors.FailedPrecondition("RUN_MISSING", runId, $"There is no run {runId}: log the model to a run first.");
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw RpcErrors.Unavailable("TRACKING", $"Tracking did not say what run {runId} holds ({exception.StatusCode}); nothing was changed, try again.");
        }
    }

    /// <returns>When the run ended, or began while it goes on; null when tracking does not say.</returns>
    public async Task<Timestamp?> TimeOfAsync(string runId, CancellationToken cancellationToken)
    {
        try
        {
            var run = await tracking.GetRunAsync(new GetRunRequest { RunId = runId }, deadline: Deadline, cancellationToken: cancellationToken);
            return run.EndTime ?? run.StartTime;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // The run's id is known without tracking; only its time is not.
            return null;
        }
    }

    private static bool IsRunId(string runId) => runId.Length == 32 && runId.All(char.IsAsciiHexDigit);

    /// <summary>Of the network's clock, whatever clock the product's rules are given.</summary>
    private static DateTime Deadline => TimeProvider.System.GetUtcNow().UtcDateTime + CallDeadline;
}
