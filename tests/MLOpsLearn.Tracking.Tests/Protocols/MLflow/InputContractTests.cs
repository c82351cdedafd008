using System.Text.Json.Nodes;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class InputContractTests(MLflowServers servers)
{
    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Datasets_of_a_run_come_back_and_are_found(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var (id, other) = (await client.NewRunAsync(experiment, 2), await client.NewRunAsync(experiment, 1));
        object Input(string context, string name = "trips") => new
        {
            tags = new[] { new { key = "mlflow.data.context", value = context } },
            dataset = new { name, digest = "d1", source_type = "local", source = "s", schema = "{}", profile = "{}" },
        };

        await client.PostAsync("runs/log-inputs", new { run_id = id, datasets = new[] { Input("training") } });
        await client.PostAsync("runs/log-inputs", new { run_id = id, datasets = new[] { Input("evaluation") } });
        await client.PostAsync("runs/log-inputs", new { run_id = other, datasets = new[] { Input("eval", "other") }, models = new[] { new { model_id = "m-1" } } });

        var inputs = (await client.RunAsync(id))["inputs"]!["dataset_inputs"]!.AsArray();
        Assert.Equal(
            """[{"tags":[{"key":"mlflow.data.context","value":"training"}],"dataset":{"name":"trips","digest":"d1","source_type":"local","source":"s","schema":"{}","profile":"{}"}}]""",
            inputs.ToJsonString());
        Assert.Equal("m-1", (string)(await client.RunAsync(other))["inputs"]!["model_inputs"]![0]!["model_id"]!);
        Assert.Equal([id], await client.SearchAsync(experiment, "dataset.name = 'trips'"));
        Assert.Equal([other], await client.SearchAsync(experiment, "datasets.context LIKE 'eval%'"));
        Assert.Equal([id, other], await client.SearchAsync(experiment, "dataset.digest IN ('d1', 'd2')"));
        Assert.Empty(await client.SearchAsync(experiment, "dataset.name NOT IN ('trips', 'other')"));
        var found = (await client.PostAsync("/ajax-api/2.0/mlflow/experiments/search-datasets", new { experiment_ids = new[] { experiment } }))["dataset_summaries"]!;
        Assert.Equal(2, found.AsArray().Count);
        Assert.Equal($$"""{"experiment_id":"{{experiment}}","name":"trips","digest":"d1","context":"training"}""", found[1]!.ToJsonString());
        await client.RefusedAsync("experiments/search-datasets", new { });
        await client.RefusedAsync("runs/log-inputs", new { run_id = id, datasets = new[] { new { dataset = new { name = "x" } } } });
        await client.RefusedAsync("runs/log-inputs", new { run_id = "a b", datasets = Array.Empty<object>() });
        await client.RefusedAsync("runs/log-inputs", new { run_id = id, datasets = new[] { Input("c", new string('n', 501)) } });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Models_that_clients_of_version_2_log_stand_in_a_tag(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();
        string Model(string path) => new JsonObject
        {
            ["artifact_path"] = path,
            ["flavors"] = new JsonObject(),
            ["utc_time_created"] = "2026-01-01",
            ["run_id"] = id,
        }.ToJsonString();

        await client.PostAsync("runs/log-model", new { run_id = id, model_json = Model("a") });
        await client.PostAsync("runs/log-model", new { run_id = id, model_json = Model("b") });

        var tag = (await client.RunAsync(id))["data"]!["tags"]!.AsArray().Single(tag => (string)tag!["key"]! == "mlflow.log-model.history")!;
        Assert.Equal(["a", "b"], JsonNode.Parse((string)tag["value"]!)!.AsArray().Select(model => (string)model!["artifact_path"]!));
        Assert.Contains("artifact_path", await client.RefusedAsync("runs/log-model", new { run_id = id, model_json = "{}" }), StringComparison.Ordinal);
        await client.RefusedAsync("runs/log-model", new { run_id = id, model_json = "no json" });
        await client.RefusedAsync("runs/log-model", new { run_id = id });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_logged_model_lives_from_pending_to_deleted(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var run = await client.NewRunAsync(experiment);
        var created = (await client.PostAsync("logged-models", new
        {
            experiment_id = experiment,
            name = "model",
            source_run_id = run,
            @params = new[] { new { key = "p", value = "1" } },
            tags = new[] { new { key = "t", value = "v" } },
        }))["model"]!;
        var id = (string)created["info"]!["model_id"]!;

        Assert.Matches("^m-[0-9a-f]{32}$", id);
        Assert.Equal($"mlflow-artifacts:/{experiment}/models/{id}/artifacts", (string)created["info"]!["artifact_uri"]!);
        Assert.Equal("LOGGED_MODEL_PENDING", (string)created["info"]!["status"]!);
        await client.PostAsync("runs/outputs", new { run_id = run, models = new[] { new { model_id = id, step = 3 } } });
        Assert.Equal($$"""{"model_outputs":[{"model_id":"{{id}}","step":3}]}""", (await client.RunAsync(run))["outputs"]!.ToJsonString());
        await client.PostAsync("runs/log-metric", new { run_id = run, key = "auc", value = 0.9, timestamp = 5, model_id = id, dataset_name = "d", dataset_digest = "x" });
        await client.SendAsync(HttpMethod.Patch, $"logged-models/{id}", new { model_id = id, status = "LOGGED_MODEL_READY" });
        await client.SendAsync(HttpMethod.Patch, $"logged-models/{id}/tags", new { tags = new[] { new { key = "t", value = "w" } } });
        await client.PostAsync($"logged-models/{id}/params", new { model_id = id, @params = new[] { new { key = "q", value = "2" } } });
        var model = (await client.GetAsync($"logged-models/{id}"))["model"]!;
        Assert.Equal("LOGGED_MODEL_READY", (string)model["info"]!["status"]!);
        Assert.Equal("w", (string)model["info"]!["tags"]![0]!["value"]!);
        Assert.Equal(2, model["data"]!["params"]!.AsArray().Count);
        Assert.Equal(
            $$"""[{"key":"auc","value":0.9,"timestamp":5,"step":0,"model_id":"{{id}}","run_id":"{{run}}","dataset_name":"d","dataset_digest":"x"}]""",
            model["data"]!["metrics"]!.ToJsonString());
        await client.SendAsync(HttpMethod.Delete, $"logged-models/{id}/tags/t", new { });
        var (status, _) = await client.TrySendAsync(HttpMethod.Delete, $"logged-models/{id}/tags/t", new { });
        Assert.Equal(404, (int)status);
        await client.SendAsync(HttpMethod.Delete, $"logged-models/{id}", new { });
        Assert.Equal($"Logged model with ID '{id}' not found.", await client.GetRefusedAsync($"logged-models/{id}", "RESOURCE_DOES_NOT_EXIST", 404));
        await client.GetAsync($"logged-models/{id}?allow_deleted=true");
        await client.RefusedAsync("logged-models", new { experiment_id = experiment, name = "a/b" });
        await client.RefusedAsync("logged-models", new { experiment_id = "98765", name = "a" }, "RESOURCE_DOES_NOT_EXIST", 404);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Logged_models_are_found_by_filter_dataset_and_order(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var run = await client.NewRunAsync(experiment);
        foreach (var (name, value) in new[] { ("first", 1.0), ("second", 2.0), ("third", 3.0) })
        {
            var id = (string)(await client.PostAsync("logged-models", new { experiment_id = experiment, name, @params = new[] { new { key = "p", value = name } } }))["model"]!["info"]!["model_id"]!;
            client.App.Time.Advance(TimeSpan.FromMilliseconds(1));
            if (name != "first")
            {
                await client.PostAsync("runs/log-metric", new { run_id = run, key = "acc", value, timestamp = 1, model_id = id, dataset_name = name, dataset_digest = "x" });
            }
        }

        async Task<string> FindAsync(string? filter, object[]? order = null, object[]? datasets = null)
        {
            var found = await client.PostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, filter, order_by = order ?? [], datasets = datasets ?? [] });
            return string.Join(' ', (found["models"]?.AsArray() ?? []).Select(model => (string)model!["info"]!["name"]!));
        }

        Assert.Equal("third second first", await FindAsync(null));
        Assert.Equal("second", await FindAsync("name = 'second'"));
        Assert.Equal("third second", await FindAsync("metrics.acc >= 2"));
        Assert.Equal("second", await FindAsync("metrics.acc >= 2", datasets: [new { dataset_name = "second" }]));
        Assert.Equal("third first", await FindAsync("params.p IN ('first', 'third') AND attributes.status = 'PENDING'"));
        Assert.Equal("second third first", await FindAsync(null, [new { field_name = "metrics.acc" }]));
        Assert.Equal("third second first", await FindAsync(null, [new { field_name = "metrics.acc", ascending = false }]));
        Assert.Equal("first second third", await FindAsync(null, [new { field_name = "creation_timestamp", ascending = true }]));
        await client.RefusedAsync("logged-models/search", new { experiment_ids = new[] { experiment }, filter = "attributes.nothing = 'x'" });
        await client.RefusedAsync("logged-models/search", new { experiment_ids = new[] { experiment }, filter = "metric.acc > 1" });
        var page = await client.PostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, max_results = 2 });
        var token = (string)page["next_page_token"]!;
        Assert.Single((await client.PostAsync("logged-models/search", new { experiment_ids = new[] { experiment }, max_results = 2, page_token = token }))["models"]!.AsArray());
        await client.RefusedAsync("logged-models/search", new { experiment_ids = new[] { experiment }, filter = "name = 'x'", page_token = token });
    }
}
