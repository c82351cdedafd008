using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Removes a run for good with all that belongs to it. The contents of its artifacts stay in the store until it is swept.</summary>
internal static class RunRemoval
{
    private static readonly string[] Statements =
    [
        "DELETE FROM metric_points WHERE run_key = @p0", "DELETE FROM metric_stretches WHERE run_key = @p0", "DELETE FROM latest_metrics WHERE run_key = @p0", "DELETE FROM params WHERE run_key = @p0",
        "DELETE FROM tags WHERE run_key = @p0", "DELETE FROM dataset_inputs WHERE run_key = @p0", "DELETE FROM run_models WHERE run_key = @p0",
        """DELETE FROM datasets WHERE "RunKey" = @p0""", """DELETE FROM artifacts WHERE "RunKey" = @p0""", "DELETE FROM runs WHERE run_key = @p0",
    ];

    public static async ValueTask RemoveAsync(SqlSession session, long runKey)
    {
        foreach (var statement in Statements)
        {
            await session.ExecuteAsync(statement, runKey);
        }
    }
}
