using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// Thins histories out for a chart: so many steps, every so-manieth of all that the runs have together, and each run's first and last. The
/// stretches that are kept of each history say which steps these are; only they are read, so that a million points cost what ten thousand do.
/// </summary>
internal sealed class MetricSampler(TrackingDatabase database, StepCounts counts)
{
    // As the original limits it: a million values of one step are no chart.
    private const int MostPointsOfARun = 25_000;

    // Steps of several irregular histories are merged in memory up to so many; beyond it, the beginnings of their stretches stand for them.
    private const long MostMerged = 4_000_000;

    private const string SelectHistories =
        $"""
        SELECT r.run_id, r.run_key,
            (SELECT p.step FROM metric_points AS p WHERE p.run_key = r.run_key AND p.key_id = @p0 ORDER BY p.step LIMIT 1), {HistoryEnd.Columns}
        FROM runs AS r JOIN latest_metrics AS l ON l.run_key = r.run_key AND l.key_id = @p0 WHERE
        """;

    private const string SelectStretches = "SELECT run_key, first_step, last_step, steps, stride FROM metric_stretches";

    private const string OfRun = "SELECT p.value, p.is_nan, p.step, p.time_ms FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1";

    private static readonly string PointsOfSteps = $"{OfRun} AND p.step IN (SELECT value FROM json_each(@p2)) ORDER BY p.step, p.time_ms, p.value LIMIT {MostPointsOfARun}";

    // Each step by itself: with statistics from before the run, PostgreSQL takes its history for short, and reads a million points to compare each
    // with all steps. That took 73 s.
    private static readonly string PointsOfEachStep =
        $"""
        SELECT o.value, o.is_nan, o.step, o.time_ms FROM unnest(@p2) AS s(step)
        CROSS JOIN LATERAL ({OfRun} AND p.step = s.step ORDER BY p.time_ms, p.value LIMIT {MostPointsOfARun}) AS o
        ORDER BY o.step, o.time_ms, o.value LIMIT {MostPointsOfARun}
        """;

    public Task<List<RunPoint>> SampleAsync(
        IReadOnlyList<string> runIds, string key, long startStep, long endStep, int maxSteps, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var points = new List<RunPoint>();
            if (await MetricKeys.FindAsync(session, key) is not { } keyId)
            {
                return points;
            }

            var histories = await HistoriesAsync(session, runIds, keyId);
            var steps = new SortedSet<long>(await StepsAsync(session, histories, startStep, endStep, maxSteps, cancellationToken));
            steps.UnionWith(histories.SelectMany(history => new[] { history.First, history.End.Latest.Step }).Where(step => step >= startStep && step <= endStep));
            foreach (var history in histories)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var own = steps.GetViewBetween(history.First, history.End.Latest.Step);
                if (own.Count > 0)
                {
                    await session.ForEachAsync(
                        session.Dialect.HasRoundTrips ? PointsOfEachStep : PointsOfSteps,
                        row => points.Add(new RunPoint(history.RunId, MetricHistoryReader.Read(row, key))),
                        history.Key.RunKey, keyId, session.Dialect.List(own));
                }
            }

            return points;
        },
        cancellationToken);

    /// <summary>The histories that there are, in the order of the runs.</summary>
    private static async ValueTask<List<History>> HistoriesAsync(SqlSession session, IReadOnlyList<string> runIds, long keyId)
    {
        var found = new Dictionary<string, History>(StringComparer.Ordinal);
        await session.ForEachAsync(
            $"{SelectHistories} {session.Dialect.InTexts("r.run_id", "@p1")}",
            row => found[row.GetString(0)] = new History(row.GetString(0), new HistoryKey(row.GetInt64(1), keyId), row.GetInt64(2), HistoryEnd.Read(row, 3)),
            keyId, session.Dialect.List(runIds));
        return [.. runIds.Where(found.ContainsKey).Select(runId => found[runId])];
    }

    private async ValueTask<List<long>> StepsAsync(
        SqlSession session, List<History> histories, long startStep, long endStep, int maxSteps, CancellationToken cancellationToken)
    {
        var pieces = StepPieces.Union(await PiecesAsync(session, histories, startStep, endStep, cancellationToken));
        var areApart = StepPieces.AreApart(pieces);
        if (!areApart && pieces.Sum(piece => piece.Steps.Steps) <= MostMerged)
        {
            pieces = [.. (await MergedAsync(session, histories, pieces)).Select(step => new StepPiece(0, Stretch.Of(step)))];
            areApart = true;
        }

        var steps = new List<long>(maxSteps + 1);
        var unknown = new List<(StepPiece Piece, long Place)>();
        foreach (var (piece, place) in StepPieces.Evenly(pieces, maxSteps))
        {
            if (piece.Steps.IsRegular)
            {
                steps.Add(piece.Steps[place]);
            }
            else if (place == 0 || !areApart)
            {
                steps.Add(piece.Steps.First);
            }
            else
            {
                unknown.Add((piece, place));
            }
        }

        foreach (var ofOne in unknown.GroupBy(item => item.Piece.History))
        {
            await LookUpAsync(session, histories[ofOne.Key].Key, [.. ofOne.Select(item => (item.Piece.Steps.First, item.Place))], steps);
        }

        return steps;
    }

    /// <summary>The stretches of all histories, as far as they lie from the one step to the other.</summary>
    private async ValueTask<List<StepPiece>> PiecesAsync(
        SqlSession session, List<History> histories, long startStep, long endStep, CancellationToken cancellationToken)
    {
        var places = new Dictionary<long, int>(histories.Count);
        var stretches = new List<StepPiece>();
        for (var i = 0; i < histories.Count; i++)
        {
            if (histories[i].End.Stretch.Steps > 0)
            {
                places[histories[i].Key.RunKey] = i;
                stretches.Add(new StepPiece(i, histories[i].End.Stretch));
            }
            else
            {
                var counted = await counts.CountAsync(session, histories[i].Key, histories[i].End, cancellationToken);
                stretches.AddRange(counted.Select(stretch => new StepPiece(i, stretch)));
            }
        }

        if (places.Count > 0)
        {
            await session.ForEachAsync(
                $"{SelectStretches} WHERE {session.Dialect.InNumbers("run_key", "@p0")} AND key_id = @p1 AND last_step >= @p2 AND first_step <= @p3",
                row => stretches.Add(new StepPiece(places[row.GetInt64(0)], Stretch.Read(row, 1))),
                session.Dialect.List(places.Keys), histories[0].Key.KeyId, startStep, endStep);
        }

        var within = new List<StepPiece>(stretches.Count);
        foreach (var (history, stretch) in stretches)
        {
            if (stretch.IsRegular)
            {
                within.AddRange(stretch.Within(startStep, endStep) is { } part ? [new StepPiece(history, part)] : []);
            }
            else if (stretch.First >= startStep && stretch.Last <= endStep)
            {
                within.Add(new StepPiece(history, stretch));
            }
            else if (stretch.Last >= startStep && stretch.First <= endStep)
            {
                // How much of it lies within is not known but by reading it.
                var parts = await StepCounts.StretchesAsync(session, histories[history].Key, Math.Max(startStep, stretch.First), Math.Min(endStep, stretch.Last));
                within.AddRange(parts.Select(part => new StepPiece(history, part)));
            }
        }

        return within;
    }

    /// <summary>All steps of pieces that lie between each other, each once, sorted.</summary>
    private static async ValueTask<List<long>> MergedAsync(SqlSession session, List<History> histories, List<StepPiece> pieces)
    {
        var steps = new List<long>();
        foreach (var piece in pieces.Where(piece => piece.Steps.IsRegular))
        {
            for (var place = 0L; place < piece.Steps.Steps; place++)
            {
                steps.Add(piece.Steps[place]);
            }
        }

        foreach (var irregular in pieces.Where(piece => !piece.Steps.IsRegular).GroupBy(piece => piece.History))
        {
            steps.AddRange(await StepCounts.StepsAsync(
                session, histories[irregular.Key].Key, irregular.Min(piece => piece.Steps.First), irregular.Max(piece => piece.Steps.Last)));
        }

        steps.Sort();
        return [.. steps.Where((step, i) => i == 0 || step != steps[i - 1])];
    }

    /// <summary>Finds steps that lie so many steps after others: a short walk along the index each.</summary>
    private static async ValueTask LookUpAsync(SqlSession session, HistoryKey history, List<(long First, long Place)> places, List<long> steps)
    {
        const string Step = "SELECT DISTINCT p.step FROM metric_points AS p WHERE p.run_key = @p0 AND p.key_id = @p1 AND p.step >=";
        if (session.Dialect.HasRoundTrips)
        {
            await session.ForEachAsync(
                $"SELECT ({Step} a.first_step ORDER BY p.step LIMIT 1 OFFSET a.place) FROM unnest(@p2, @p3) AS a(first_step, place)",
                row => steps.AddRange(row.IsDBNull(0) ? [] : [row.GetInt64(0)]),
                history.RunKey, history.KeyId, places.ConvertAll(place => place.First).ToArray(), places.ConvertAll(place => place.Place).ToArray());
            return;
        }

        foreach (var (first, place) in places)
        {
            steps.AddRange(await session.QueryAsync(
                $"{Step} @p2 ORDER BY p.step LIMIT 1 OFFSET @p3", static row => row.GetInt64(0), history.RunKey, history.KeyId, first, place));
        }
    }

    private readonly record struct History(string RunId, HistoryKey Key, long First, HistoryEnd End);
}
