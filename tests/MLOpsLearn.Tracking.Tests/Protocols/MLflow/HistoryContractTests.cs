using System.Text.Json.Nodes;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class HistoryContractTests(MLflowServers servers)
{
    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_history_comes_by_time_then_step_then_value_in_whatever_order_it_was_logged(string database)
    {
        var client = await servers.ClientAsync(database);
        foreach (var isSorted in new[] { true, false })
        {
            var id = await client.NewRunAsync();
            var points = (from time in new[] { 1, 2, 3 } from step in new[] { -1, 0, 5 } from value in new[] { 0.25, 1.5 } select (time, step, value)).ToList();
            var logged = isSorted ? points.Where((_, i) => i % 7 == 0).ToList() : points.AsEnumerable().Reverse().ToList();
            foreach (var piece in logged.Chunk(4))
            {
                await client.PostAsync("runs/log-batch", new { run_id = id, metrics = piece.Select(point => new { key = "m", point.value, timestamp = point.time, point.step }) });
            }

            // The same again is the same.
            await client.PostAsync("runs/log-metric", new { run_id = id, key = "m", logged[0].value, timestamp = logged[0].time, logged[0].step });
            var expected = logged.OrderBy(point => point.time).ThenBy(point => point.step).ThenBy(point => point.value).ToList();

            Assert.Equal(expected, Points(await client.GetAsync($"metrics/get-history?run_id={id}&metric_key=m")));
            Assert.Equal(expected, Points(await client.GetAsync($"metrics/get-history?run_uuid={id}&metric_key=m&max_results=25000")));
            var paged = new List<(int, int, double)>();
            string? token = null;
            do
            {
                var page = await client.GetAsync($"metrics/get-history?run_id={id}&metric_key=m&max_results=2{(token is null ? "" : $"&page_token={token}")}");
                paged.AddRange(Points(page));
                token = (string?)page["next_page_token"];
            }
            while (token is not null);
            Assert.Equal(expected, paged);
        }
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task The_latest_value_is_of_the_greatest_step_then_time_then_value(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();
        await client.PostAsync("runs/log-batch", new
        {
            run_id = id,
            metrics = new[]
            {
                new { key = "m", value = 9.0, timestamp = 9, step = 1 }, new { key = "m", value = 1.0, timestamp = 3, step = 2 },
                new { key = "m", value = 2.0, timestamp = 3, step = 2 }, new { key = "m", value = 8.0, timestamp = 2, step = 2 },
            },
        });
        await client.PostAsync("runs/log-metric", new { run_id = id, key = "m", value = 100.0, timestamp = 100, step = 0 });

        Assert.Equal("""[{"key":"m","value":2,"timestamp":3,"step":2}]""", (await client.RunAsync(id))["data"]!["metrics"]!.ToJsonString());
        Assert.Equal("{}", (await client.GetAsync($"metrics/get-history?run_id={id}&metric_key=nothing")).ToJsonString());
        Assert.Equal("{}", (await client.GetAsync("metrics/get-history?run_id=nobody&metric_key=m&max_results=10")).ToJsonString());
        await client.GetRefusedAsync($"metrics/get-history?run_id={id}");
        await client.GetRefusedAsync($"metrics/get-history?run_id={id}&metric_key=m&page_token=x");
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Histories_of_several_runs_come_together_and_thinned_out(string database)
    {
        var client = await servers.ClientAsync(database);
        var ids = new[] { await client.NewRunAsync(), await client.NewRunAsync() };
        foreach (var (id, count) in ids.Zip([100, 10]))
        {
            await client.PostAsync("runs/log-batch", new { run_id = id, metrics = Enumerable.Range(0, count).Select(step => new { key = "m", value = step, timestamp = step, step }) });
        }

        var bulk = (await client.GetAsync($"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={ids[1]}&run_id={ids[0]}&metric_key=m"))["metrics"]!.AsArray();
        var thin = (await client.GetAsync($"metrics/get-history-bulk-interval?run_ids={ids[0]}&run_ids={ids[1]}&metric_key=m&max_results=10"))["metrics"]!.AsArray();
        var part = (await client.GetAsync($"/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={ids[0]}&metric_key=m&start_step=20&end_step=29"))["metrics"]!.AsArray();

        Assert.Equal(110, bulk.Count);
        Assert.Equal(ids.Order(StringComparer.Ordinal), bulk.Select(point => (string)point!["run_id"]!).Distinct());
        Assert.Equal(ids[0], (string)thin[0]!["run_id"]!);
        var steps = thin.Where(point => (string)point!["run_id"]! == ids[0]).Select(point => (long)point!["step"]!).ToList();
        // The last step of the other run is a step of the chart, of both.
        Assert.Equal([0, 9, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99], steps);
        Assert.Equal([0, 9], thin.Where(point => (string)point!["run_id"]! == ids[1]).Select(point => (long)point!["step"]!));
        Assert.Equal(Enumerable.Range(20, 10).Select(step => (long)step), part.Select(point => (long)point!["step"]!));
        var query = $"metrics/get-history-bulk-interval?run_ids={ids[0]}&metric_key=m";
        await client.GetRefusedAsync(query + "&start_step=1");
        await client.GetRefusedAsync(query + "&start_step=2&end_step=1");
        await client.GetRefusedAsync(query + "&max_results=2501");
        await client.GetRefusedAsync(query + "&max_results=0");
        await client.GetRefusedAsync("metrics/get-history-bulk-interval?metric_key=m");
        foreach (var max in new[] { 0, -1, 2501 })
        {
            Assert.Contains("max_results must be between 1 and 2500", await client.GetRefusedAsync($"{query}&max_results={max}"), StringComparison.Ordinal);
        }

        await client.GetRefusedAsync("metrics/get-history-bulk?metric_key=m");
        await client.GetRefusedAsync($"metrics/get-history-bulk-interval?metric_key=m&{string.Join('&', Enumerable.Range(0, 101).Select(i => $"run_ids=r{i}"))}");
    }

    private static List<(int Time, int Step, double Value)> Points(JsonNode answer) =>
        [.. (answer["metrics"]?.AsArray() ?? []).Select(point => ((int)point!["timestamp"]!, (int)point["step"]!, (double)point["value"]!))];
}
