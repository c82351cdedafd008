using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>What writing to a run needs to know of it.</summary>
/// <param name="Key">What everything of the run refers to.</param>
/// <param name="ExperimentId">Its experiment.</param>
/// <param name="IsDeleted">Deleted ones can be read only.</param>
internal readonly record struct RunKey(long Key, long ExperimentId, bool IsDeleted);

/// <summary>Finds runs by their ids.</summary>
internal static class RunKeys
{
    public static async ValueTask<RunKey?> FindAsync(SqlSession session, string runId) => await session.FirstAsync<RunKey?>(
        "SELECT run_key, experiment_id, deleted_ms FROM runs WHERE run_id = @p0",
        static row => new RunKey(row.GetInt64(0), row.GetInt64(1), !row.IsDBNull(2)),
        runId);

    /// <summary>Several runs by their ids; what there is not is left out.</summary>
    public static async ValueTask<Dictionary<string, RunKey>> FindAsync(SqlSession session, IReadOnlyCollection<string> runIds)
    {
        var runs = new Dictionary<string, RunKey>(runIds.Count, StringComparer.Ordinal);
        if (session.Dialect.HasRoundTrips)
        {
            await session.ForEachAsync(
                "SELECT run_id, run_key, experiment_id, deleted_ms FROM runs WHERE run_id = ANY(@p0)",
                row => runs[row.GetString(0)] = new RunKey(row.GetInt64(1), row.GetInt64(2), !row.IsDBNull(3)),
                session.Dialect.List(runIds));
            return runs;
        }

        foreach (var runId in runIds)
        {
            if (await FindAsync(session, runId) is { } run)
            {
                runs[runId] = run;
            }
        }

        return runs;
    }

    /// <exception cref="RefusedException">There is no such run.</exception>
    public static async ValueTask<RunKey> GetAsync(SqlSession session, string runId) =>
        await FindAsync(session, runId) ?? throw RefusedException.RunNotFound(runId);

    /// <exception cref="RefusedException">There is no such run, or it is deleted.</exception>
    public static async ValueTask<RunKey> ActiveAsync(SqlSession session, string runId)
    {
        var run = await GetAsync(session, runId);
        return run.IsDeleted ? throw RefusedException.RunNotActive(runId) : run;
    }
}
