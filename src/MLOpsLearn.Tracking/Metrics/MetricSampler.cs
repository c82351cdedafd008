using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Thins histories out for a chart: about so many steps, evenly over the steps of all runs, and each run's first and last. Of long
/// histories it looks at the steps that it takes only, so that a million points cost what ten thousand do.
/// </summary>
internal sealed class MetricSampler(TrackingDatabase database)
{
    private const string Where = "p.run_key = @p0 AND p.key_id = @p1 AND p.step >= @p2 AND p.step <= @p3";

    // Below this the steps are counted, and evenly means every so-manieth of them; above it, every so far along the axis.
    private const int CountedPoints = 20_000;

    public Task<List<RunPoint>> SampleAsync(
        IReadOnlyList<string> runIds, string key, long startStep, long endStep, int maxSteps, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var points = new List<RunPoint>();
            if (await MetricKeys.FindAsync(session, key) is not { } keyId)
            {
                return points;
            }

            var histories = await HistoriesAsync(session, runIds, keyId, startStep, endStep);
            if (histories.Count == 0)
            {
                return points;
            }

            var isCounted = true;
            foreach (var history in histories)
            {
                isCounted &= await session.FirstAsync(
                    $"SELECT COUNT(*) FROM (SELECT 1 FROM metric_points AS p WHERE {Where} LIMIT {CountedPoints + 1}) AS counted",
                    static row => row.GetInt64(0),
                    history.RunKey, keyId, startStep, endStep) <= CountedPoints;
            }

            var steps = isCounted ? await CountedAsync(session, histories, keyId, startStep, endStep, maxSteps) : AlongTheAxis(histories, maxSteps);
            foreach (var history in histories)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // Each run's own ends are always there.
                var wanted = isCounted ? steps : await PresentAsync(session, history, keyId, steps);
                var own = wanted.Append(history.First).Append(history.Last).Distinct().Order().ToList();
                await session.ForEachAsync(
                    $"""
                    SELECT p.value, p.is_nan, p.step, p.time_ms FROM metric_points AS p
                    WHERE p.run_key = @p0 AND p.key_id = @p1 AND {session.Dialect.InNumbers("p.step", "@p2")} ORDER BY p.step, p.time_ms, p.value
                    """,
                    row => points.Add(new RunPoint(history.RunId, MetricHistoryReader.Read(row, key))),
                    history.RunKey, keyId, session.Dialect.List(own));
            }

            return points;
        },
        cancellationToken);

    private static async ValueTask<List<History>> HistoriesAsync(SqlSession session, IReadOnlyList<string> runIds, long keyId, long startStep, long endStep)
    {
        var histories = new List<History>();
        foreach (var runId in runIds)
        {
            if (await RunKeyAsync(session, runId) is not { } runKey)
            {
                continue;
            }

            var first = await EndAsync(session, runKey, keyId, startStep, endStep, "ASC");
            if (first is not null)
            {
                histories.Add(new History(runId, runKey, first.Value, (await EndAsync(session, runKey, keyId, startStep, endStep, "DESC"))!.Value));
            }
        }

        return histories;
    }

    private static ValueTask<long?> RunKeyAsync(SqlSession session, string runId) =>
        session.FirstAsync<long?>("SELECT run_key FROM runs WHERE run_id = @p0", static row => row.GetInt64(0), runId);

    private static ValueTask<long?> EndAsync(SqlSession session, long runKey, long keyId, long startStep, long endStep, string direction) => session.FirstAsync<long?>(
        $"SELECT p.step FROM metric_points AS p WHERE {Where} ORDER BY p.step {direction} LIMIT 1", static row => row.GetInt64(0), runKey, keyId, startStep, endStep);

    private static async ValueTask<IReadOnlyList<long>> CountedAsync(
        SqlSession session, List<History> histories, long keyId, long startStep, long endStep, int maxSteps)
    {
        var all = new SortedSet<long>();
        foreach (var history in histories)
        {
            await session.ForEachAsync(
                $"SELECT DISTINCT p.step FROM metric_points AS p WHERE {Where}", row => all.Add(row.GetInt64(0)), history.RunKey, keyId, startStep, endStep);
        }

        var sorted = all.ToList();
        if (sorted.Count <= maxSteps)
        {
            return sorted;
        }

        // Every so-manieth, and the last.
        var interval = (double)sorted.Count / maxSteps;
        var taken = new List<long>(maxSteps + 1);
        for (var i = 0; i < maxSteps; i++)
        {
            taken.Add(sorted[(int)(i * interval)]);
        }

        if (taken[^1] != sorted[^1])
        {
            taken.Add(sorted[^1]);
        }

        return taken;
    }

    private static List<long> AlongTheAxis(List<History> histories, int maxSteps)
    {
        var first = histories.Min(history => history.First);
        var length = (Int128)histories.Max(history => history.Last) - first;
        return [.. Enumerable.Range(0, maxSteps).Select(i => (long)(first + (length * i / Math.Max(1, maxSteps - 1)))).Distinct()];
    }

    /// <summary>For each place on the axis the first step of the run there or after it: one look into the index each.</summary>
    private static async ValueTask<IReadOnlyList<long>> PresentAsync(SqlSession session, History history, long keyId, IReadOnlyList<long> places)
    {
        var list = session.Dialect.List([.. places]);
        var table = session.Dialect is SqlDialect.Postgres ? "unnest(@p2) AS a(place)" : "(SELECT value AS place FROM json_each(@p2)) AS a";
        var steps = await session.QueryAsync(
            $"""
            SELECT (SELECT p.step FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1 AND p.step >= a.place ORDER BY p.step LIMIT 1)
            FROM {table}
            """,
            static row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0),
            history.RunKey, keyId, list);
        return [.. steps.OfType<long>().Where(step => step <= history.Last)];
    }

    private readonly record struct History(string RunId, long RunKey, long First, long Last);
}
