using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>What clients of all ages send without a thought, and what they rely on.</summary>
public sealed class ClientHabitTests(MLflowServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_delete_whose_path_says_all_needs_no_body(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await NewModelAsync(client, await client.NewExperimentAsync(), new { key = "t", value = "v" });

        using var removed = await client.Http.DeleteAsync($"/api/2.0/mlflow/logged-models/{id}/tags/t", Cancel);
        using var deleted = await client.Http.DeleteAsync($"/api/2.0/mlflow/logged-models/{id}", Cancel);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (removed.StatusCode, deleted.StatusCode));
        await client.GetRefusedAsync($"logged-models/{id}", "RESOURCE_DOES_NOT_EXIST", 404);
    }

    [Fact]
    public async Task Old_paths_doubled_slashes_and_long_queries_are_understood()
    {
        var client = await servers.ClientAsync("sqlite");
        var ids = string.Join('&', Enumerable.Range(0, 100).Select(i => $"run_id={new string('a', 400)}{i}"));

        Assert.Equal("Default", (string)(await client.GetAsync("/api/2.0/preview/mlflow/experiments/get?experiment_id=0"))["experiment"]!["name"]!);
        using var doubled = await client.Http.GetAsync(new Uri(client.Http.BaseAddress + "/api/2.0/mlflow/experiments/get?experiment_id=0"), Cancel);
        Assert.Equal(HttpStatusCode.OK, doubled.StatusCode);
        Assert.Empty((await client.GetAsync($"/ajax-api/2.0/mlflow/metrics/get-history-bulk?{ids}&metric_key=m"))["metrics"]!.AsArray());
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_new_experiment_and_a_new_run_take_tags_with_any_key(string database)
    {
        var client = await servers.ClientAsync(database);
        object[] tags = [new { key = "a$b", value = "1" }, new { key = "über/../x", value = "2" }];

        var experiment = (string)(await client.PostAsync("experiments/create", new { name = MLflowClient.NewName(), tags }))["experiment_id"]!;
        var run = (await client.PostAsync("runs/create", new { experiment_id = experiment, run_name = "n", tags }))["run"]!;

        Assert.Equal(["a$b", "über/../x"], Keys((await client.GetAsync($"experiments/get?experiment_id={experiment}"))["experiment"]!["tags"]!));
        Assert.Equal(["a$b", "mlflow.runName", "über/../x"], Keys(run["data"]!["tags"]!));
        Assert.Null(run["outputs"]);
        await client.RefusedAsync("experiments/set-experiment-tag", new { experiment_id = experiment, key = "a$b", value = "1" });
        await client.RefusedAsync("runs/create", new { experiment_id = experiment, tags = new[] { new { key = new string('k', 251), value = "" } } });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task The_default_experiment_was_made_when_the_store_was(string database)
    {
        var client = await servers.ClientAsync(database);

        var experiment = (await client.GetAsync("experiments/get?experiment_id=0"))["experiment"]!;

        Assert.True((long)experiment["creation_time"]! >= new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task A_location_that_begins_nowhere_lies_below_the_servers_folder()
    {
        var client = await servers.ClientAsync("sqlite");
        var id = (string)(await client.PostAsync("experiments/create", new { name = MLflowClient.NewName(), artifact_location = "my/place" }))["experiment_id"]!;

        var location = (string)(await client.GetAsync($"experiments/get?experiment_id={id}"))["experiment"]!["artifact_location"]!;

        Assert.Equal(Path.Join(Directory.GetCurrentDirectory(), "my/place"), location);
        await client.PostAsync("experiments/create", new { name = MLflowClient.NewName(), artifact_location = "s3://b/p;q" });
        await client.RefusedAsync("experiments/create", new { name = MLflowClient.NewName(), artifact_location = "http://b/p;q" });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Limits_count_what_was_sent_and_come_before_all_else(string database)
    {
        var client = await servers.ClientAsync(database);
        var run = await client.NewRunAsync();
        var twice = string.Join('&', Enumerable.Repeat($"run_ids={run}", 101));

        Assert.Contains("Received 101", await client.GetRefusedAsync($"metrics/get-history-bulk-interval?{twice}&metric_key=m"), StringComparison.Ordinal);
        Assert.Contains("must specify a metric_key", await client.GetRefusedAsync($"/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id={run}"), StringComparison.Ordinal);
        Assert.Contains("'run_ids'", await client.GetRefusedAsync("metrics/get-history-bulk-interval?metric_key=m"), StringComparison.Ordinal);
        Assert.Contains("more than 20", await client.RefusedAsync("experiments/search-datasets", new { experiment_ids = Enumerable.Range(0, 21).Select(i => $"id_{i}") }), StringComparison.Ordinal);
        Assert.Contains("must be provided", await client.RefusedAsync("runs/log-metric", new { run_id = run, key = "m", value = 1, timestamp = 1, dataset_name = "d" }), StringComparison.Ordinal);
        Assert.Contains("parameter 'metrics[1].timestamp' supplied", await client.RefusedAsync("runs/log-batch", new
        {
            run_id = run,
            metrics = new[] { new { key = "m", value = 1, timestamp = 1 }, new { key = "m", value = 1, timestamp = -1 } },
        }), StringComparison.Ordinal);
        await client.RefusedAsync("runs/update", new { run_id = run, status = 99 });
        await client.PostAsync("runs/update", new { run_id = run, status = "WHATEVER" });
        Assert.Equal("No Experiment with id=-1 exists", await client.GetRefusedAsync("experiments/get?experiment_id=-1", "RESOURCE_DOES_NOT_EXIST", 404));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Logged_models_are_found_by_a_dataset_alone(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var run = await client.NewRunAsync(experiment);
        var (first, second) = (await NewModelAsync(client, experiment), await NewModelAsync(client, experiment));
        await client.PostAsync("runs/log-metric", new { run_id = run, key = "m", value = 1, timestamp = 1, model_id = first, dataset_name = "d", dataset_digest = "1" });
        await client.PostAsync("runs/log-metric", new { run_id = run, key = "m", value = 1, timestamp = 1, model_id = second });

        var found = await client.PostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, datasets = new[] { new { dataset_name = "d", dataset_digest = "1" } } });

        Assert.Equal(first, (string)Assert.Single(found["models"]!.AsArray())!["info"]!["model_id"]!);
        Assert.Equal(2, (await client.PostAsync("logged-models/search", new { experiment_ids = new[] { experiment } }))["models"]!.AsArray().Count);
        Assert.Equal("", (string)found["models"]![0]!["info"]!["model_type"]!);
        await client.RefusedAsync("logged-models/search", new { filter = "name = 'x'" });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_param_of_a_logged_model_keeps_its_value(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await NewModelAsync(client, await client.NewExperimentAsync());
        await client.PostAsync($"logged-models/{id}/params", new { model_id = id, @params = new[] { new { key = "p", value = "1" } } });

        await client.PostAsync($"logged-models/{id}/params", new { model_id = id, @params = new[] { new { key = "p", value = "1" }, new { key = "q", value = "2" } } });
        var message = await client.RefusedAsync($"logged-models/{id}/params", new { model_id = id, @params = new[] { new { key = "r", value = "3" }, new { key = "p", value = "2" } } });

        Assert.Contains("Changing param values is not allowed", message, StringComparison.Ordinal);
        Assert.Equal(["p", "q"], Keys((await client.GetAsync($"logged-models/{id}"))["model"]!["data"]!["params"]!));
    }

    [Fact]
    public async Task A_path_that_steps_up_is_refused_although_the_web_server_would_resolve_it()
    {
        var client = await servers.ClientAsync("sqlite");
        foreach (var path in new[] { "x/../y", "x/%2e%2e/y", "x/.%2E/y" })
        {
            var uri = new Uri($"{client.Http.BaseAddress}api/2.0/mlflow-artifacts/artifacts/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            using var answer = await client.Http.PutAsync(uri, new StringContent("x", Encoding.UTF8), Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        using var empty = await client.Http.PostAsync(new Uri($"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={await client.NewRunAsync()}&path=a.txt", UriKind.Relative), null, Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
    }

    private static async Task<string> NewModelAsync(MLflowClient client, string experiment, params object[] tags) =>
        (string)(await client.PostAsync("logged-models", new { experiment_id = experiment, name = "m", tags }))["model"]!["info"]!["model_id"]!;

    private static IEnumerable<string> Keys(JsonNode pairs) => pairs.AsArray().Select(pair => (string)pair!["key"]!).Order(StringComparer.Ordinal);
}
