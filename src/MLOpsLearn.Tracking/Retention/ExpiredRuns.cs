using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>A run whose time is over.</summary>
/// <param name="Key">The run's key.</param>
/// <param name="RunId">Its id.</param>
/// <param name="EndMs">When it ended; when it began where no end is known.</param>
internal sealed record ExpiredRun(long Key, string RunId, long EndMs);

/// <summary>Finds runs that a policy no longer keeps, and marks them deleted. A run that goes on, or whose time is unknown, is none.</summary>
internal static class ExpiredRuns
{
    private const long DayMs = 24L * 3600 * 1000;
    private const string End = "COALESCE(r.end_ms, NULLIF(r.start_ms, 0))";

    /// <summary>The runs of an experiment, oldest key first, from the one after <paramref name="after"/>.</summary>
    public static async ValueTask<List<ExpiredRun>> FindAsync(
        SqlSession session, long experimentId, RetentionPolicy policy, object registered, long nowMs, long after, int take)
    {
        var metric = policy.KeepBest is { } best
            ? await session.FirstAsync("SELECT id FROM metric_keys WHERE name = @p0", static row => row.GetInt64(0), best.Metric)
            : 0;
        return await session.QueryAsync(
            $"""
            SELECT r.run_key, r.run_id, {End} FROM runs AS r
            WHERE r.experiment_id = @p0 AND r.deleted_ms IS NULL AND r.run_key > @p1
            AND r.status IN ({(int)RunStatus.Finished}, {(int)RunStatus.Failed}, {(int)RunStatus.Killed}) AND {End} < @p2
            AND NOT EXISTS (SELECT 1 FROM tags AS t WHERE t.run_key = r.run_key AND t.name = @p3)
            AND NOT ({session.Dialect.InTexts("r.run_id", "@p4")})
            AND r.run_key NOT IN (
              SELECT l.run_key FROM runs AS l WHERE l.experiment_id = @p0 AND l.deleted_ms IS NULL ORDER BY l.start_ms DESC, l.run_id LIMIT @p5)
            AND r.run_key NOT IN (
              SELECT b.run_key FROM latest_metrics AS m JOIN runs AS b ON b.run_key = m.run_key
              WHERE m.key_id = @p6 AND NOT m.is_nan AND b.experiment_id = @p0 AND b.deleted_ms IS NULL
              ORDER BY m.value {(policy.KeepBest is { IsHigherBetter: true } ? "DESC" : "ASC")}, b.run_key LIMIT @p7)
            ORDER BY r.run_key LIMIT @p8
            """,
            static row => new ExpiredRun(row.GetInt64(0), row.GetString(1), row.GetInt64(2)),
            experimentId, after, nowMs - (policy.MaxAgeDays!.Value * DayMs), RetentionRules.KeepRun, registered, policy.KeepLast, metric, policy.KeepBest?.Count ?? 0, take);
    }

    /// <summary>Whole days since a run ended.</summary>
    public static long DaysSince(ExpiredRun run, long nowMs) => (nowMs - run.EndMs) / DayMs;

    public static async ValueTask<int> DeleteAsync(SqlSession session, IReadOnlyList<ExpiredRun> runs, long nowMs) => await session.ExecuteAsync(
        $"UPDATE runs SET deleted_ms = @p0 WHERE deleted_ms IS NULL AND {session.Dialect.InNumbers("run_key", "@p1")}",
        nowMs, session.Dialect.List([.. runs.Select(run => run.Key)]));
}
