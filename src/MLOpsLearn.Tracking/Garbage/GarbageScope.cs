using System.Globalization;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>Which of the deleted runs go for good.</summary>
/// <param name="NowMs">The time of the call.</param>
/// <param name="Waited">How long they must have been deleted.</param>
/// <param name="ExperimentIds">Only runs of these experiments; of all when empty.</param>
/// <param name="Registered">Ids of runs that stay.</param>
internal sealed record GarbageScope(long NowMs, TimeSpan Waited, IReadOnlyCollection<long> ExperimentIds, IReadOnlyCollection<string> Registered)
{
    private const int ListedIds = 1000;
    private const long DayMs = 24L * 3600 * 1000;

    private long BeforeMs => NowMs - (long)Waited.TotalMilliseconds;

    /// <summary>The condition on a run r; its parameters are @p0 to @p2.</summary>
    public string Condition(SqlSession session) => $"{Deleted(session)} AND NOT ({session.Dialect.InTexts("r.run_id", "@p2")})";

    /// <summary>The same for those that stay only because a model came from them.</summary>
    public string StaysCondition(SqlSession session) => $"{Deleted(session)} AND {session.Dialect.InTexts("r.run_id", "@p2")}";

    /// <summary>Experiments that were deleted long enough ago and have no run that stays. The default one always stays.</summary>
    public string ExperimentCondition(SqlSession session) =>
        $"""
        e.is_deleted AND e.id <> 0 AND e.updated_ms <= @p0 AND {(ExperimentIds.Count == 0 ? "@p1 = @p1" : session.Dialect.InNumbers("e.id", "@p1"))}
        AND NOT EXISTS (
          SELECT 1 FROM runs AS r WHERE r.experiment_id = e.id AND (r.deleted_ms IS NULL OR r.deleted_ms > @p0 OR {session.Dialect.InTexts("r.run_id", "@p2")}))
        """;

    public object?[] Values(SqlSession session) => [BeforeMs, session.Dialect.List(ExperimentIds), session.Dialect.List(Registered)];

    /// <summary>Adds what goes to an answer.</summary>
    public async ValueTask CountAsync(SqlSession session, CollectGarbageResponse answer)
    {
        var values = Values(session);
        await session.ForEachAsync(
            $"SELECT r.run_id, r.experiment_id, r.deleted_ms FROM runs AS r WHERE {Condition(session)} ORDER BY r.run_key LIMIT {ListedIds}",
            row => answer.List(
                row.GetString(0), row.GetInt64(1), isForGood: true,
                string.Create(CultureInfo.InvariantCulture, $"deleted {(NowMs - row.GetInt64(2)) / DayMs} days ago, at least {Waited.TotalDays:0.##} days were to be waited")),
            values);
        answer.Runs += await session.FirstAsync($"SELECT COUNT(*) FROM runs AS r WHERE {Condition(session)}", static row => row.GetInt64(0), values);
        answer.Registered += await session.FirstAsync($"SELECT COUNT(*) FROM runs AS r WHERE {StaysCondition(session)}", static row => row.GetInt64(0), values);
        var (artifacts, bytes) = await session.FirstAsync(
            $"""
            SELECT COUNT(*), CAST(COALESCE(SUM(a."SizeBytes"), 0) AS BIGINT) FROM artifacts AS a
            JOIN runs AS r ON r.run_key = a."RunKey" WHERE {Condition(session)}
            """,
            static row => (row.GetInt64(0), row.GetInt64(1)),
            values);
        (answer.Artifacts, answer.ArtifactBytes) = (answer.Artifacts + artifacts, answer.ArtifactBytes + bytes);
    }

    private string Deleted(SqlSession session) =>
        ExperimentIds.Count == 0 ? "r.deleted_ms <= @p0 AND @p1 = @p1" : $"r.deleted_ms <= @p0 AND {session.Dialect.InNumbers("r.experiment_id", "@p1")}";
}
