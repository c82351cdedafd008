using System.Data.Common;
using System.Diagnostics;
using System.Globalization;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>
/// What must not grow with what is stored: a page of a million runs, a chart of a million points, the cost of a write from an empty store to
/// many points. Says of each whether it is so.
/// </summary>
internal static class MLflowScale
{
    private const int Runs = 1_000_000;
    private const int ChartPoints = 1_000_000;
    private const int Rounds = 30;
    private const int CallsARound = 50;

    // The rows are made in the database itself: through the front door they would take hours.
    public const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) ";

    private static bool _fallsShort;

    /// <param name="points">Up to how many points the cost of a write is looked at; 0 leaves that out.</param>
    /// <param name="given">See <see cref="BenchmarkDatabase"/>.</param>
    public static async Task<int> RunAsync(long points, string? given)
    {
        await using var database = await BenchmarkDatabase.OpenAsync(given);
        await using (var server = await BenchmarkServer.StartAsync(database.Folder, database.ConnectionString))
        await using (var connection = await database.ConnectAsync())
        {
            if (points > 0)
            {
                await WritesAsync(database, server.Client, connection, points);
            }

            await ChartAsync(server.Client);
            _fallsShort |= await MLflowPages.FallsShortAsync(database, server.Client, connection, Runs);
        }

        return _fallsShort ? 1 : 0;
    }

    /// <summary>
    /// Logs to an empty store and to the one that fills, in turns: what else the machine does falls on both, and cancels out in their ratio.
    /// </summary>
    private static async Task WritesAsync(BenchmarkDatabase database, BenchmarkClient server, DbConnection connection, long points)
    {
        const long Piece = 1_000_000;
        await using var empty = await BenchmarkServer.StartAsync(database.Folder, await database.AnotherAsync());
        await CompareAsync(empty.Client, server, 0, isVerdict: false);
        await CompareAsync(empty.Client, server, 0, isVerdict: false);
        for (var stored = 0L; stored < points; stored += Piece)
        {
            // Each million belongs to a thousand runs of their own, as a store grows.
            var run = 1_000_000_000 + (stored / 1000);
            await BenchmarkDatabase.ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, Numbers, Piece) + string.Create(
                CultureInfo.InvariantCulture, $"INSERT INTO metric_points SELECT {run} + i / 1000, 1, i, i, i * 0.5, {No(database)} FROM n"));
            await BenchmarkDatabase.ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, Numbers, Piece / 1000) + string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO latest_metrics (run_key, key_id, step, time_ms, value, is_nan) SELECT {run} + i - 1, 1, i, i, i % 1000, {No(database)} FROM n"));
            if ((stored + Piece) % Math.Max(Piece, points / 5) == 0)
            {
                await CompareAsync(empty.Client, server, stored + Piece, isVerdict: stored + Piece >= points);
            }
        }
    }

    private static async Task CompareAsync(BenchmarkClient empty, BenchmarkClient full, long stored, bool isVerdict)
    {
        var (emptyRun, fullRun) = (await empty.CreateRunAsync(), await full.CreateRunAsync());
        var (emptyMs, fullMs, ratios) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            // Who is first in a round has no advantage over all of them.
            var (one, two) = (new List<double>(), new List<double>());
            for (var call = 0; call < CallsARound; call++)
            {
                var step = (round * CallsARound) + call;
                if (call % 2 == 0)
                {
                    one.Add(await TimeAsync(() => empty.LogAsync(emptyRun, step)));
                    two.Add(await TimeAsync(() => full.LogAsync(fullRun, step)));
                }
                else
                {
                    two.Add(await TimeAsync(() => full.LogAsync(fullRun, step)));
                    one.Add(await TimeAsync(() => empty.LogAsync(emptyRun, step)));
                }
            }

            emptyMs.Add(Median(one));
            fullMs.Add(Median(two));
            ratios.Add(Median(two) / Median(one));
        }

        var ratio = Median(ratios);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"log-metric beside {stored,11:N0} points {Median(fullMs),7:N3} ms, into an empty store meanwhile {Median(emptyMs):N3} ms: {ratio:N2} times");
        Console.WriteLine(isVerdict ? $"{text}  {Verdict(ratio <= 1.25, "within 25 %")}" : text);
    }

    private static async Task ChartAsync(BenchmarkClient server)
    {
        foreach (var stride in new[] { 1, 0 })
        {
            var run = await server.CreateRunAsync();
            var step = 0;
            for (var i = 0; i < ChartPoints; i += 1000)
            {
                // At a regular distance, and at distances from 1 to 7.
                var steps = Enumerable.Range(i, 1000).Select(place => step += stride == 0 ? 1 + (int)(place * 2654435761L % 7) : stride).ToArray();
                await server.PostAsync("runs/log-batch", $$"""{"run_id": "{{run}}", "metrics": [{{string.Join(',', steps.Select(at =>
                    $$"""{"key": "loss", "value": {{at}}, "timestamp": {{at}}, "step": {{at}}}"""))}}]}""");
            }

            _fallsShort |= await PageTime.FallsShortAsync(
                $"chart of {ChartPoints:N0} {(stride == 0 ? "irregular" : "regular")} points", 100, () => server.GetAsync($"metrics/get-history-bulk-interval?run_ids={run}&metric_key=loss"));
        }
    }

    private static string No(BenchmarkDatabase database) => database.IsPostgres ? "false" : "0";

    private static string Verdict(bool isReached, string what)
    {
        _fallsShort |= !isReached;
        return isReached ? $"reached: {what}" : $"FALLS SHORT of {what}";
    }

    private static async Task<double> TimeAsync(Func<Task> call)
    {
        var watch = Stopwatch.StartNew();
        await call();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
