using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Counts the steps of a history whose stretches are not known: one that an earlier version wrote, or that did not grow at its end only. What
/// took long is kept, so that the next chart needs no count.
/// </summary>
internal sealed class StepCounts(WriteQueue queue)
{
    private const int WorthKeeping = 5000;

    private const string SelectSteps =
        "SELECT DISTINCT p.step FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1 AND p.step >= @p2 AND p.step <= @p3 ORDER BY p.step";

    /// <summary>All stretches of a history.</summary>
    /// <param name="session">Reads its points.</param>
    /// <param name="history">Which.</param>
    /// <param name="end">Its end, read before.</param>
    /// <param name="cancellationToken">Gives up keeping it.</param>
    public async ValueTask<List<Stretch>> CountAsync(SqlSession session, HistoryKey history, HistoryEnd end, CancellationToken cancellationToken)
    {
        var stretches = await StretchesAsync(session, history, long.MinValue, long.MaxValue);
        if (stretches.Sum(stretch => stretch.Steps) >= WorthKeeping)
        {
            await queue.RunAsync(writer => KeepAsync(writer, history, end.LateWrites, [.. stretches]), cancellationToken);
        }

        return stretches;
    }

    /// <summary>The stretches of the steps from one to another, both included, counted.</summary>
    public static async ValueTask<List<Stretch>> StretchesAsync(SqlSession session, HistoryKey history, long start, long end)
    {
        var stretches = new List<Stretch>();
        await session.ForEachAsync(SelectSteps, row => Append(stretches, row.GetInt64(0)), history.RunKey, history.KeyId, start, end);
        return stretches;
    }

    /// <summary>The steps from one to another, both included.</summary>
    public static ValueTask<List<long>> StepsAsync(SqlSession session, HistoryKey history, long start, long end) =>
        session.QueryAsync(SelectSteps, static row => row.GetInt64(0), history.RunKey, history.KeyId, start, end);

    private static async ValueTask<bool> KeepAsync(SqlSession session, HistoryKey history, long lateWrites, List<Stretch> stretches)
    {
        var ends = await MetricWriter.EndsAsync(session, [history]);
        if (!ends.TryGetValue(history, out var end) || end.LateWrites != lateWrites || end.Stretch.Steps > 0)
        {
            // Something was logged before the end since, or another server was faster.
            return false;
        }

        if (end.Latest.Step > stretches[^1].Last)
        {
            foreach (var step in await StepsAsync(session, history, stretches[^1].Last + 1, end.Latest.Step))
            {
                Append(stretches, step);
            }
        }

        await session.DeferAsync("DELETE FROM metric_stretches WHERE run_key = @p0 AND key_id = @p1", history.RunKey, history.KeyId);
        await MetricStatements.InsertStretchesAsync(session, [.. stretches.SkipLast(1).Select(stretch => (history, stretch))]);
        await MetricStatements.ChangeEndsAsync(session, [(history, end with { Stretch = stretches[^1] })]);
        return true;
    }

    private static void Append(List<Stretch> stretches, long step)
    {
        if (stretches.Count > 0 && stretches[^1].With(step) is { } longer)
        {
            stretches[^1] = longer;
        }
        else
        {
            stretches.Add(Stretch.Of(step));
        }
    }
}
