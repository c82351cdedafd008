using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>Removes runs that were deleted long enough ago, experiments that are left empty by it, then the contents that nothing refers to. What is interrupted is continued by the next call.</summary>
internal sealed class GarbageCollection(TrackingDatabase database, WriteQueue queue, ExperimentRemoval experiments, ContentSweep sweep, TimeProvider time)
{
    private const int ShownIds = 1000;
    private const int MostExperiments = 1000;
    private const long LongestSeconds = 3650L * 24 * 3600;
    // Others write between two pieces.
    private const int RunsPerPiece = 20;

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public async Task<CollectGarbageResponse> CollectAsync(CollectGarbageRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().Range("deleted_for_seconds", request.DeletedForSeconds, 0, LongestSeconds)
            .Require(request.ExperimentIds.Count <= MostExperiments, "experiment_ids", request.ExperimentIds.Count, $"must have at most {MostExperiments} entries").ThrowIfAny();
        var before = time.GetUtcNow().ToUnixTimeMilliseconds() - (request.DeletedForSeconds * 1000);
        var answer = await CountAsync(request, before, cancellationToken);
        if (request.DryRun)
        {
            return answer;
        }

        while (await queue.RunAsync(session => RemoveAsync(session, request, before), cancellationToken) == RunsPerPiece)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        foreach (var experiment in await database.ReadAsync(session => ExperimentsAsync(session, request, before), cancellationToken))
        {
            await experiments.RemoveAsync(experiment, cancellationToken);
        }

        try
        {
            (answer.Contents, answer.ContentBytes) = await sweep.SweepAsync(cancellationToken);
        }
        catch (ArtifactStoreException exception)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"The runs are gone, their contents not yet: {exception.Message}"));
        }

        return answer;
    }

    private Task<CollectGarbageResponse> CountAsync(CollectGarbageRequest request, long before, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var values = Values(session, request, before);
            var answer = new CollectGarbageResponse();
            answer.RunIds.AddRange(await session.QueryAsync(
                $"SELECT r.run_id FROM runs AS r WHERE {Condition(session, request)} ORDER BY r.run_key LIMIT {ShownIds}", static row => row.GetString(0), values));
            answer.Runs = await session.FirstAsync($"SELECT COUNT(*) FROM runs AS r WHERE {Condition(session, request)}", static row => row.GetInt64(0), values);
            (answer.Artifacts, answer.ArtifactBytes) = await session.FirstAsync(
                $"""
                SELECT COUNT(*), CAST(COALESCE(SUM(a."SizeBytes"), 0) AS BIGINT) FROM artifacts AS a
                JOIN runs AS r ON r.run_key = a."RunKey" WHERE {Condition(session, request)}
                """,
                static row => (row.GetInt64(0), row.GetInt64(1)),
                values);
            answer.Experiments = (await ExperimentsAsync(session, request, before)).Count;
            return answer;
        },
        cancellationToken);

    private static async ValueTask<int> RemoveAsync(SqlSession session, CollectGarbageRequest request, long before)
    {
        var runs = await session.QueryAsync(
            $"SELECT r.run_key FROM runs AS r WHERE {Condition(session, request)} ORDER BY r.run_key LIMIT {RunsPerPiece}",
            static row => row.GetInt64(0),
            Values(session, request, before));
        foreach (var run in runs)
        {
            await RunRemoval.RemoveAsync(session, run);
        }

        return runs.Count;
    }

    /// <summary>Experiments that were deleted long enough ago and have no run that stays. The default one always stays.</summary>
    private static ValueTask<List<long>> ExperimentsAsync(SqlSession session, CollectGarbageRequest request, long before) => session.QueryAsync(
        $"""
        SELECT e.id FROM experiments AS e WHERE e.is_deleted AND e.id <> 0 AND e.updated_ms <= @p0
        {(request.ExperimentIds.Count == 0 ? "" : "AND " + session.Dialect.InNumbers("e.id", "@p1"))}
        AND NOT EXISTS (SELECT 1 FROM runs AS r WHERE r.experiment_id = e.id AND (r.deleted_ms IS NULL OR r.deleted_ms > @p0))
        """,
        static row => row.GetInt64(0),
        Values(session, request, before));

    private static string Condition(SqlSession session, CollectGarbageRequest request) => request.ExperimentIds.Count == 0
        ? "r.deleted_ms <= @p0"
        : $"r.deleted_ms <= @p0 AND {session.Dialect.InNumbers("r.experiment_id", "@p1")}";

    private static object?[] Values(SqlSession session, CollectGarbageRequest request, long before) =>
        request.ExperimentIds.Count == 0 ? [before] : [before, session.Dialect.List(request.ExperimentIds)];
}
