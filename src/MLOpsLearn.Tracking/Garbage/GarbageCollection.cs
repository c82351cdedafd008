using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>Removes runs that were deleted long enough ago, then the contents that nothing refers to. What is interrupted is continued by the next call.</summary>
internal sealed class GarbageCollection(TrackingDatabase database, WriteQueue queue, ContentSweep sweep, TimeProvider time)
{
    private const int ShownIds = 1000;
    private const int MostExperiments = 1000;
    private const long LongestSeconds = 3650L * 24 * 3600;
    // Others write between two pieces.
    private const int RunsPerPiece = 20;

    private static readonly string[] OfARun =
    [
        "DELETE FROM metric_points WHERE run_key = @p0", "DELETE FROM latest_metrics WHERE run_key = @p0", "DELETE FROM params WHERE run_key = @p0",
        "DELETE FROM tags WHERE run_key = @p0", "DELETE FROM dataset_inputs WHERE run_key = @p0", "DELETE FROM run_models WHERE run_key = @p0",
        """DELETE FROM datasets WHERE "RunKey" = @p0""", """DELETE FROM artifacts WHERE "RunKey" = @p0""", "DELETE FROM runs WHERE run_key = @p0",
    ];

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

        (answer.Contents, answer.ContentBytes) = await sweep.SweepAsync(cancellationToken);
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
            foreach (var statement in OfARun)
            {
                await session.ExecuteAsync(statement, run);
            }
        }

        return runs.Count;
    }

    private static string Condition(SqlSession session, CollectGarbageRequest request) => request.ExperimentIds.Count == 0
        ? "r.deleted_ms <= @p0"
        : $"r.deleted_ms <= @p0 AND {session.Dialect.InNumbers("r.experiment_id", "@p1")}";

    private static object?[] Values(SqlSession session, CollectGarbageRequest request, long before) =>
        request.ExperimentIds.Count == 0 ? [before] : [before, session.Dialect.List(request.ExperimentIds)];
}
