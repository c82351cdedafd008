using System.Text.Json.Nodes;
using CsCheck;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class FaultTests(MLflowServers servers)
{
    private static readonly string[] Posts =
    [
        "experiments/create", "experiments/search", "experiments/update", "experiments/delete", "experiments/restore", "experiments/set-experiment-tag",
        "experiments/delete-experiment-tag", "experiments/search-datasets", "runs/create", "runs/update", "runs/delete", "runs/restore", "runs/log-metric",
        "runs/log-parameter", "runs/set-tag", "runs/delete-tag", "runs/log-batch", "runs/log-inputs", "runs/outputs", "runs/log-model", "runs/search",
        "logged-models", "logged-models/search", "logged-models/m-1/params",
    ];

    private static readonly string[] Gets =
    [
        "experiments/get", "experiments/get-by-name", "experiments/search", "runs/get", "metrics/get-history", "metrics/get-history-bulk",
        "metrics/get-history-bulk-interval", "logged-models/x%2Fy", "logged-models/m-1",
    ];

    private static readonly string[] Fields =
    [
        "experiment_id", "experiment_ids", "name", "new_name", "experiment_name", "key", "value", "tags", "run_id", "run_uuid", "run_ids", "metric_key", "timestamp",
        "step", "start_time", "end_time", "status", "metrics", "params", "datasets", "models", "model_id", "filter", "order_by", "max_results", "page_token", "view_type",
        "run_view_type", "model_json", "artifact_location", "start_step", "end_step", "run_name", "user_id", "dataset", "digest", "source", "field_name", "ascending",
        "dataset_name", "count_only", "extended_filter", "parent_run_id", "all_experiments",
    ];

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task No_request_whatever_is_answered_with_a_fault_of_ours(string database)
    {
        var client = await servers.ClientAsync(database);
        var (run, experiment) = (await client.NewRunAsync(), await client.NewExperimentAsync());
        var text = From(
            "\"\"", "\"0\"", "\"x\"", $"\"{run}\"", $"\"{experiment}\"", "\"NaN\"", "\"-Infinity\"", "\"a b\"", "\"\\u0000\"", "\"\\ud83d\"", "\"ü😀\"", "\"../..\"", "\"99999999999999999999\"",
            "\"metrics.a > 1\"", "\"params.p = '\"", "\"tags.t LIKE '%' AND\"", "\"((((\"", "\"c2tpcDoxMA\"", "\"' OR 1=1 --\"", $"\"{new string('z', 3000)}\"");
        var scalar = Gen.OneOf(text, From(
            "null", "true", "false", "0", "1", "-1", "1.5", "1e308", "1e999", "-1e400", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "253402300800000", "NaN", "Infinity", "[]", "{}"));
        var pair = Gen.Select(From(Fields), scalar, (field, value) => $"\"{field}\": {value}");
        var nested = Gen.OneOf(scalar, pair.List[0, 4].Select(pairs => $"[{{{string.Join(", ", pairs)}}}]"), scalar.List[0, 3].Select(items => $"[{string.Join(", ", items)}]"));
        var body = Gen.Select(From(Fields), nested, (field, value) => $"\"{field}\": {value}").List[0, 7].Select(pairs => $"{{\"run_id\": \"{run}\", \"experiment_ids\": [\"{experiment}\"], {string.Join(", ", pairs.Append("\"last\": 1"))}}}");

        await Gen.Select(From(Posts), body).SampleAsync(
            async (path, json) =>
            {
                var (status, answer) = await client.TryPostAsync(path, json);
                Assert.True((int)status < 500, $"{path} {json}: {status} {answer}");
                Assert.True((int)status == 200 || answer["error_code"] is not null, $"{path} {json}: {answer}");
            },
            iter: 600, threads: 1);
        await Gen.Select(From(Gets), Gen.Select(From(Fields), scalar, (field, value) => $"{field}={Uri.EscapeDataString(value.Trim('"'))}").List[0, 5]).SampleAsync(
            async (path, query) =>
            {
                var (status, answer) = await client.TryGetAsync($"{path}?{string.Join('&', query)}&run_id={run}&metric_key=m");
                Assert.True((int)status < 500, $"{path} {string.Join('&', query)}: {status} {answer}");
            },
            iter: 300, threads: 1);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_body_nested_without_end_or_too_large_is_refused(string database)
    {
        var client = await servers.ClientAsync(database);

        await client.RefusedAsync("runs/log-batch", "{\"run_id\": \"x\", \"tags\": " + new string('[', 100_000) + new string(']', 100_000) + "}");
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { "0" }, filter = new string('(', 50_000), extended_filter = true });
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { "0" }, filter = string.Join(" AND ", Enumerable.Repeat("metrics.a > 1", 501)) });
        await client.PostAsync("runs/search", new { experiment_ids = new[] { "0" }, filter = string.Join(" AND ", Enumerable.Repeat("metrics.a > 1", 100)) });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_hundred_writers_to_one_run_lose_no_point(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async writer =>
        {
            for (var i = 0; i < 5; i++)
            {
                await client.PostAsync("runs/log-metric", new { run_id = id, key = "m", value = writer, timestamp = i, step = (writer * 5) + i });
            }
        }));

        var history = (await client.GetAsync($"metrics/get-history?run_id={id}&metric_key=m"))["metrics"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 500).Select(step => (long)step), history.Select(point => (long)point!["step"]!).Order());
        Assert.Equal(499, (long)(await client.RunAsync(id))["data"]!["metrics"]![0]!["step"]!);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_param_stays_what_it_was_and_nothing_of_the_batch_is_kept(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();
        await client.PostAsync("runs/log-parameter", new { run_id = id, key = "p", value = "1" });
        await client.PostAsync("runs/log-parameter", new { run_id = id, key = "p", value = "1" });

        var alone = await client.RefusedAsync("runs/log-parameter", new { run_id = id, key = "p", value = "2" });
        var batch = await client.RefusedAsync("runs/log-batch", new
        {
            run_id = id,
            @params = new[] { new { key = "new", value = "1" }, new { key = "p", value = "2" } },
            metrics = new[] { new { key = "m", value = 1, timestamp = 1 } },
            tags = new[] { new { key = "t", value = "v" } },
        });

        Assert.Equal(
            $"Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='{id}'. Attempted logging new value '2'.", alone);
        Assert.StartsWith("Changing param values is not allowed.", batch, StringComparison.Ordinal);
        var data = (await client.RunAsync(id))["data"]!;
        Assert.Equal("""[{"key":"p","value":"1"}]""", data["params"]!.ToJsonString());
        Assert.Null(data["metrics"]);
        Assert.DoesNotContain(data["tags"]!.AsArray(), (JsonNode? tag) => (string)tag!["key"]! == "t");
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Of_many_writers_of_one_param_one_wins_and_all_the_others_know(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();

        var won = (await Task.WhenAll(Enumerable.Range(0, 30).Select(async value =>
            ((int)(await client.TryPostAsync("runs/log-parameter", new { run_id = id, key = "p", value = $"{value}" })).Status, value)))).Where(answer => answer.Item1 == 200).ToList();

        Assert.Equal($"{Assert.Single(won).value}", (string)(await client.RunAsync(id))["data"]!["params"]![0]!["value"]!);
    }

    private static Gen<T> From<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);
}
