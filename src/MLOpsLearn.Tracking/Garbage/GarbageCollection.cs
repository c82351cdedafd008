using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Retention;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>
/// Removes runs that were deleted long enough ago, experiments that are left empty by it, then the contents that nothing refers to. Runs that a
/// registered model came from stay. What is interrupted is continued by the next call.
/// </summary>
internal sealed class GarbageCollection(
    TrackingDatabase database, WriteQueue queue, ExperimentRemoval experiments, ContentSweep sweep, RegisteredRuns registeredRuns, RunRetention retention, TimeProvider time)
{
    private const int MostExperiments = 1000;
    private const long LongestSeconds = 3650L * 24 * 3600;
    // Others write between two pieces.
    private const int RunsPerPiece = 20;

    /// <exception cref="RpcException">INVALID_ARGUMENT; UNAVAILABLE when the registry does not say what must stay, FAILED_PRECONDITION when contents can't be removed now.</exception>
    public async Task<CollectGarbageResponse> CollectAsync(CollectGarbageRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Range("deleted_for_seconds", request.DeletedForSeconds, 0, LongestSeconds)
            .Require(request.ExperimentIds.Count <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"must have at most {MostExperiments} entries")
            .Require(!request.ApplyRetention || request.DeletedForSeconds == 0, "deleted_for_seconds", request.DeletedForSeconds, "must be absent with apply_retention: the policies say it")
            .ThrowIfAny();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var registered = await registeredRuns.ReadAsync(cancellationToken);
        var answer = new CollectGarbageResponse();
        var scopes = request.ApplyRetention
            ? await retention.ApplyAsync(request, answer, registered, now, cancellationToken)
            : [new GarbageScope(now, TimeSpan.FromSeconds(request.DeletedForSeconds), request.ExperimentIds, registered)];
        foreach (var scope in scopes)
        {
            await RemoveAsync(scope, request.DryRun, answer, cancellationToken);
        }

        if (!request.DryRun)
        {
            await SweepAsync(answer, cancellationToken);
        }

        return answer;
    }

    private async Task RemoveAsync(GarbageScope scope, bool isDry, CollectGarbageResponse answer, CancellationToken cancellationToken)
    {
        var gone = await database.ReadAsync(
            async session =>
            {
                await scope.CountAsync(session, answer);
                return await ExperimentsAsync(session, scope);
            },
            cancellationToken);
        answer.Experiments += gone.Count;
        if (isDry)
        {
            return;
        }

        while (await queue.RunAsync(session => RemovePieceAsync(session, scope), cancellationToken) == RunsPerPiece)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        foreach (var experiment in await database.ReadAsync(session => ExperimentsAsync(session, scope), cancellationToken))
        {
            await experiments.RemoveAsync(experiment, cancellationToken);
        }
    }

    private async Task SweepAsync(CollectGarbageResponse answer, CancellationToken cancellationToken)
    {
        try
        {
            (answer.Contents, answer.ContentBytes) = await sweep.SweepAsync(cancellationToken);
        }
        catch (ArtifactStoreException exception)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"The runs are gone, their contents not yet: {exception.Message}"));
        }
    }

    private static async ValueTask<int> RemovePieceAsync(SqlSession session, GarbageScope scope)
    {
        var runs = await session.QueryAsync(
            $"SELECT r.run_key FROM runs AS r WHERE {scope.Condition(session)} ORDER BY r.run_key LIMIT {RunsPerPiece}", static row => row.GetInt64(0), scope.Values(session));
        foreach (var run in runs)
        {
            await RunRemoval.RemoveAsync(session, run);
        }

        return runs.Count;
    }

    private static ValueTask<List<long>> ExperimentsAsync(SqlSession session, GarbageScope scope) => session.QueryAsync(
        $"SELECT e.id FROM experiments AS e WHERE {scope.ExperimentCondition(session)}", static row => row.GetInt64(0), scope.Values(session));
}
