using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>A chart shows the points that the original's way of taking them shows, which reads every history whole.</summary>
public sealed class SamplingPropertyTests(MLflowServers servers)
{
    /// <summary>Pieces of a history: how far after the one before, how far apart its steps are (0: irregularly), and how many.</summary>
    private static readonly Gen<List<(int Gap, int Stride, int Count)>> Pieces =
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 3], Gen.Int[1, 150]).List[1, 4];

    private static readonly Gen<AHistory> AnyHistory = Gen.Select(
        Gen.Int[-50, 50], Pieces, Gen.Int[0, 5], Gen.Int[3, 90], Gen.Int[0, 1_000_000], (first, pieces, late, perCall, seed) => new AHistory(first, pieces, late == 0, perCall, seed));

    private static readonly Gen<(int Start, int Length, int Most)> AnyView = Gen.Select(Gen.Int[-100, 600], Gen.Int[0, 500], Gen.OneOf(Gen.Int[1, 12], Gen.Int[1, 400]));

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_chart_has_the_points_that_a_reading_of_all_of_them_gives(string database)
    {
        var client = await servers.ClientAsync(database);

        await Gen.Select(AnyHistory.List[1, 3], AnyView.List[4]).SampleAsync(
            async (histories, views) =>
            {
                var runs = new List<(string Id, List<(int Step, int Time, double Value)> Points)>();
                foreach (var history in histories)
                {
                    var id = await client.NewRunAsync();
                    foreach (var call in history.Calls())
                    {
                        await client.PostAsync("runs/log-batch", new { run_id = id, metrics = call.Select(point => new { key = "m", value = point.Value, timestamp = point.Time, step = point.Step }) });
                    }

                    runs.Add((id, history.Points));
                }

                foreach (var (start, length, most) in views)
                {
                    Assert.Equal(Expected(runs, int.MinValue, int.MaxValue, most), await ChartAsync(client, runs.Select(run => run.Id), $"&max_results={most}"));
                    Assert.Equal(
                        Expected(runs, start, start + length, most),
                        await ChartAsync(client, runs.Select(run => run.Id), $"&max_results={most}&start_step={start}&end_step={start + length}"));
                }
            },
            iter: 25, threads: 1);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_long_history_that_did_not_grow_at_its_end_is_counted_once_and_stays_counted(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();
        var points = Enumerable.Range(0, 6400).Select(i => (Step: (i * 3) + (i % 2), Time: i, Value: i * 0.5)).ToList();
        async Task LogAsync(IEnumerable<(int Step, int Time, double Value)> some) =>
            await client.PostAsync("runs/log-batch", new { run_id = id, metrics = some.Select(point => new { key = "m", value = point.Value, timestamp = point.Time, step = point.Step }) });
        foreach (var call in points.Take(6000).Chunk(1000).Reverse())
        {
            await LogAsync(call);
        }

        Assert.Equal(0, await CountedAsync(client, id));
        Assert.Equal(Expected([(id, points[..6000])], int.MinValue, int.MaxValue, 700), await ChartAsync(client, [id], "&max_results=700"));
        Assert.NotEqual(0, await CountedAsync(client, id));
        await LogAsync(points[6000..6300]);
        await LogAsync(points[6300..]);
        Assert.NotEqual(0, await CountedAsync(client, id));
        Assert.Equal(Expected([(id, points)], int.MinValue, int.MaxValue, 700), await ChartAsync(client, [id], "&max_results=700"));

        // Before its end again: counted anew.
        await LogAsync([(1, 9, 9)]);
        Assert.Equal(0, await CountedAsync(client, id));
        points.Add((1, 9, 9));
        Assert.Equal(Expected([(id, points)], int.MinValue, int.MaxValue, 2500), await ChartAsync(client, [id], "&max_results=2500"));
        Assert.NotEqual(0, await CountedAsync(client, id));
    }

    [Fact]
    public async Task Two_servers_on_one_database_write_to_one_run_and_keep_its_end_and_its_steps_right()
    {
        var database = await servers.DatabaseAsync("postgres");
        await using var one = await TrackingApp.StartAsync(connectionString: database);
        await using var two = await TrackingApp.StartAsync(connectionString: database);
        var clients = new[] { one, two }.Select(app => new MLflowClient(app.Http) { App = app }).ToList();
        for (var round = 0; round < 5; round++)
        {
            var id = await clients[0].NewRunAsync();
            await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
                await clients[i % 2].PostAsync("runs/log-metric", new { run_id = id, key = "m", value = i, timestamp = i, step = i })));

            var expected = Enumerable.Range(0, 40).Select(i => (i, i, (double)i)).ToList();
            Assert.Equal(Expected([(id, expected)], int.MinValue, int.MaxValue, 9), await ChartAsync(clients[0], [id], "&max_results=9"));
            Assert.Equal(39, (int)(await clients[1].RunAsync(id))["data"]!["metrics"]![0]!["step"]!);
        }
    }

    private static async Task<long> CountedAsync(MLflowClient client, string id) => await client.App.Services.GetRequiredService<TrackingDatabase>().ReadAsync(
        session => session.FirstAsync(
            "SELECT l.stretch_steps FROM latest_metrics AS l JOIN runs AS r ON r.run_key = l.run_key WHERE r.run_id = @p0", static row => row.GetInt64(0), id),
        TestContext.Current.CancellationToken);

    private static async Task<List<(string, int, int, double)>> ChartAsync(MLflowClient client, IEnumerable<string> ids, string query)
    {
        var answer = await client.GetAsync($"metrics/get-history-bulk-interval?metric_key=m{string.Concat(ids.Select(id => $"&run_ids={id}"))}{query}");
        return [.. (answer["metrics"]?.AsArray() ?? []).Select((JsonNode? point) => ((string)point!["run_id"]!, (int)point["step"]!, (int)point["timestamp"]!, (double)point["value"]!))];
    }

    private static List<(string, int, int, double)> Expected(IReadOnlyList<(string Id, List<(int Step, int Time, double Value)> Points)> runs, int start, int end, int most)
    {
        var all = runs.SelectMany(run => run.Points).Select(point => point.Step).Where(step => step >= start && step <= end).Distinct().Order().ToList();
        var taken = new HashSet<int>(all);
        if (all.Count > most)
        {
            taken = [.. Enumerable.Range(0, most).Select(i => all[(int)(i * ((double)all.Count / most))]), all[^1]];
        }

        taken.UnionWith(runs.SelectMany(run => new[] { run.Points.Min(point => point.Step), run.Points.Max(point => point.Step) }).Where(step => step >= start && step <= end));
        return [.. runs.SelectMany(run => run.Points.Distinct().Where(point => taken.Contains(point.Step)).Order().Select(point => (run.Id, point.Step, point.Time, point.Value)))];
    }

    private sealed record AHistory(int First, List<(int Gap, int Stride, int Count)> Pieces, bool IsLate, int PerCall, int Seed)
    {
        public List<(int Step, int Time, double Value)> Points { get; } = PointsOf(First, Pieces, Seed);

        public IEnumerable<(int Step, int Time, double Value)[]> Calls() => IsLate ? Points.Chunk(PerCall).OrderBy(call => (call[0].Step * 7919) % 13) : Points.Chunk(PerCall);

        public override string ToString() => $"from {First}: {string.Join(", ", Pieces)}{(IsLate ? ", late" : "")}, {PerCall} a call, seed {Seed}";

        private static List<(int Step, int Time, double Value)> PointsOf(int first, List<(int Gap, int Stride, int Count)> pieces, int seed)
        {
            var (random, step, points) = (new Random(seed), first, new List<(int, int, double)>());
            foreach (var (gap, stride, count) in pieces)
            {
                step += gap;
                for (var i = 0; i < count; i++)
                {
                    // Now and then a step has two values.
                    points.AddRange(Enumerable.Range(0, random.Next(10) == 0 ? 2 : 1).Select(more => (step, points.Count, more + 0.5)));
                    step += stride > 0 ? stride : 1 + random.Next(4);
                }
            }

            return points;
        }
    }
}
