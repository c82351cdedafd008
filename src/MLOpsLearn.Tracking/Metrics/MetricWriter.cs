using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Appends metric values, and keeps of each history its latest value and its stretches of steps. A point that is there already is left alone.
/// </summary>
internal static class MetricWriter
{
    private const string SelectEnd = $"SELECT {HistoryEnd.Columns} FROM latest_metrics AS l WHERE l.run_key = @p0 AND l.key_id = @p1";

    // Locked in the order of the key, so that two servers never wait for each other crosswise.
    private const string SelectEnds =
        $"""
        SELECT l.run_key, l.key_id, {HistoryEnd.Columns} FROM unnest(@p0, @p1) AS n(run_key, key_id)
        JOIN latest_metrics AS l ON l.run_key = n.run_key AND l.key_id = n.key_id ORDER BY l.run_key, l.key_id FOR UPDATE OF l
        """;

    /// <summary>Writes the values of some runs; a run may be there more than once.</summary>
    public static async ValueTask WriteAsync(SqlSession session, MetricKeys keys, IReadOnlyList<RunValues> runs)
    {
        var rows = new MetricRow[runs.Sum(run => run.Values.Count)];
        var place = 0;
        foreach (var (runKey, values) in runs)
        {
            for (var i = 0; i < values.Count; i++)
            {
                rows[place++] = new MetricRow(new HistoryKey(runKey, await keys.NumberAsync(session, values[i].Key)), values[i]);
            }
        }

        if (rows.Length == 0)
        {
            return;
        }

        // In the order of the key: the tree grows at one place.
        Array.Sort(rows);
        var histories = HistoriesOf(rows);
        var before = await EndsAsync(session, histories.ConvertAll(history => history.Key));
        var (complete, changed, begun) = (new List<(HistoryKey, Stretch)>(), new List<(HistoryKey, HistoryEnd)>(), new List<(HistoryKey, HistoryEnd)>());
        foreach (var (key, first, count) in histories)
        {
            var isKnown = before.TryGetValue(key, out var end);
            var after = HistoryEnd.After(isKnown ? end : null, rows.AsSpan(first, count), stretch => complete.Add((key, stretch)));
            (isKnown ? changed : begun).Add((key, after));
        }

        await MetricStatements.InsertPointsAsync(session, rows);
        await MetricStatements.InsertStretchesAsync(session, complete);
        await MetricStatements.ChangeEndsAsync(session, changed);
        await MetricStatements.InsertEndsAsync(session, begun);
    }

    /// <summary>The ends of those histories that have one. Other servers' writes to them wait for this transaction.</summary>
    public static async ValueTask<Dictionary<HistoryKey, HistoryEnd>> EndsAsync(SqlSession session, IReadOnlyList<HistoryKey> histories)
    {
        var ends = new Dictionary<HistoryKey, HistoryEnd>(histories.Count);
        if (session.Dialect.HasRoundTrips)
        {
            await session.ForEachAsync(
                SelectEnds,
                row => ends[new HistoryKey(row.GetInt64(0), row.GetInt64(1))] = HistoryEnd.Read(row, 2),
                histories.Select(history => history.RunKey).ToArray(),
                histories.Select(history => history.KeyId).ToArray());
            return ends;
        }

        foreach (var key in histories)
        {
            if (await session.FirstAsync(SelectEnd, static row => (HistoryEnd?)HistoryEnd.Read(row, 0), key.RunKey, key.KeyId) is { } end)
            {
                ends[key] = end;
            }
        }

        return ends;
    }

    /// <summary>Where the rows of each history begin, and how many there are.</summary>
    private static List<(HistoryKey Key, int First, int Count)> HistoriesOf(MetricRow[] rows)
    {
        var histories = new List<(HistoryKey Key, int First, int Count)>();
        for (var i = 0; i < rows.Length; i++)
        {
            if (histories.Count == 0 || histories[^1].Key != rows[i].History)
            {
                histories.Add((rows[i].History, i, 1));
            }
            else
            {
                histories[^1] = histories[^1] with { Count = histories[^1].Count + 1 };
            }
        }

        return histories;
    }
}
