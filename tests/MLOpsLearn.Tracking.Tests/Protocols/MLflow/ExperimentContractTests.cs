namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class ExperimentContractTests(MLflowServers servers)
{
    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task An_experiment_comes_back_by_id_and_by_name(string database)
    {
        var client = await servers.ClientAsync(database);
        var name = MLflowClient.NewName("with ünïcode / and % signs");
        var id = (string)(await client.PostAsync("experiments/create", new { name, tags = new[] { new { key = "k", value = "line\nline" } } }))["experiment_id"]!;
        var elsewhere = (string)(await client.PostAsync("/ajax-api/2.0/mlflow/experiments/create", new { name = name + "2", artifact_location = "s3://bucket/p?q=1" }))["experiment_id"]!;

        var byId = (await client.GetAsync($"experiments/get?experiment_id={id}"))["experiment"]!;
        var byName = (await client.GetAsync($"experiments/get-by-name?experiment_name={Uri.EscapeDataString(name)}"))["experiment"]!;
        var other = (await client.GetAsync($"experiments/get?experiment_id={elsewhere}"))["experiment"]!;

        Assert.Equal(byId.ToJsonString(), byName.ToJsonString());
        Assert.Equal((id, name, $"mlflow-artifacts:/{id}", "active"), (
            (string)byId["experiment_id"]!, (string)byId["name"]!, (string)byId["artifact_location"]!, (string)byId["lifecycle_stage"]!));
        Assert.Equal("line\nline", (string)byId["tags"]![0]!["value"]!);
        Assert.Equal((long)byId["creation_time"]!, (long)byId["last_update_time"]!);
        Assert.Null(other["tags"]);
        Assert.Equal("s3://bucket/p?q=1", (string)other["artifact_location"]!);
        var run = await client.RunAsync(await client.NewRunAsync(elsewhere));
        Assert.Equal($"s3://bucket/p/{(string)run["info"]!["run_id"]!}/artifacts?q=1", (string)run["info"]!["artifact_uri"]!);
        Assert.Equal("Default", (string)(await client.GetAsync("experiments/get?experiment_id=0"))["experiment"]!["name"]!);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task What_an_experiment_can_not_be_is_refused(string database)
    {
        var client = await servers.ClientAsync(database);
        var name = MLflowClient.NewName();
        var id = (string)(await client.PostAsync("experiments/create", new { name }))["experiment_id"]!;

        Assert.Contains("already exists", await client.RefusedAsync("experiments/create", new { name }, "RESOURCE_ALREADY_EXISTS"), StringComparison.Ordinal);
        Assert.Contains("Missing value for required parameter 'name'", await client.RefusedAsync("experiments/create", new { }), StringComparison.Ordinal);
        Assert.Contains("Missing value for required parameter 'name'", await client.RefusedAsync("experiments/create", new { name = "" }), StringComparison.Ordinal);
        Assert.Contains("Invalid value 123 for parameter 'name'", await client.RefusedAsync("experiments/create", new { name = 123 }), StringComparison.Ordinal);
        Assert.Contains("Invalid value 9.0 for parameter 'artifact_location'", await client.RefusedAsync("experiments/create", """{"name": "x", "artifact_location": 9.0}"""), StringComparison.Ordinal);
        Assert.Contains("Invalid value \"5\" for parameter 'tags'", await client.RefusedAsync("experiments/create", new { name = "x", tags = "5" }), StringComparison.Ordinal);
        Assert.Contains("maximum length of 500", await client.RefusedAsync("experiments/create", new { name = new string('n', 501) }), StringComparison.Ordinal);
        await client.RefusedAsync("experiments/create", new { name = "x", artifact_location = "runs:/1/p" });
        await client.RefusedAsync("experiments/create", new { name = "x", artifact_location = "s3://b/#fragment" });
        await client.RefusedAsync("experiments/create", new { name = "x", artifact_location = "https://b/p;params" });
        await client.RefusedAsync("experiments/create", new { name = "x", artifact_location = new string('a', 2049) });
        Assert.Equal("No Experiment with id=987654 exists", await client.GetRefusedAsync("experiments/get?experiment_id=987654", "RESOURCE_DOES_NOT_EXIST", 404));
        await client.GetRefusedAsync("experiments/get?experiment_id=abc");
        Assert.Equal("Could not find experiment with name 'nobody'", await client.GetRefusedAsync("experiments/get-by-name?experiment_name=nobody", "RESOURCE_DOES_NOT_EXIST", 404));
        Assert.Contains("maximum length of 5000", await client.RefusedAsync("experiments/set-experiment-tag", new { experiment_id = id, key = "k", value = new string('v', 5001) }), StringComparison.Ordinal);
        Assert.Contains("maximum length of 250", await client.RefusedAsync("experiments/set-experiment-tag", new { experiment_id = id, key = new string('k', 251), value = "v" }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Deleting_and_restoring_an_experiment_takes_its_runs_along(string database)
    {
        var client = await servers.ClientAsync(database);
        var name = MLflowClient.NewName();
        var id = (string)(await client.PostAsync("experiments/create", new { name }))["experiment_id"]!;
        var runs = new[] { await client.NewRunAsync(id, 2), await client.NewRunAsync(id, 1) };
        await client.PostAsync("runs/delete", new { run_id = runs[1] });

        await client.PostAsync("experiments/delete", new { experiment_id = id });

        Assert.Equal("deleted", (string)(await client.GetAsync($"experiments/get?experiment_id={id}"))["experiment"]!["lifecycle_stage"]!);
        Assert.Equal("deleted", (string)(await client.RunAsync(runs[0]))["info"]!["lifecycle_stage"]!);
        await client.RefusedAsync("experiments/create", new { name }, "RESOURCE_ALREADY_EXISTS");
        await client.RefusedAsync("experiments/delete", new { experiment_id = id }, "RESOURCE_DOES_NOT_EXIST", 404);
        await client.RefusedAsync("experiments/delete", new { experiment_id = "987654" }, "RESOURCE_DOES_NOT_EXIST", 404);
        Assert.Equal("Cannot rename a non-active experiment.", await client.RefusedAsync("experiments/update", new { experiment_id = id, new_name = "n" }));
        Assert.Equal(
            $"The experiment {id} must be in the 'active' state. Current state is deleted.",
            await client.RefusedAsync("experiments/set-experiment-tag", new { experiment_id = id, key = "k", value = "v" }));
        await client.RefusedAsync("runs/create", new { experiment_id = id });
        await client.PostAsync("experiments/restore", new { experiment_id = id });
        await client.RefusedAsync("experiments/restore", new { experiment_id = id }, "RESOURCE_DOES_NOT_EXIST", 404);
        Assert.Equal(runs, await client.SearchAsync(id));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Removing_an_experiment_for_good_frees_its_name_and_leaves_nothing(string database)
    {
        var client = await servers.ClientAsync(database);
        var name = MLflowClient.NewName();
        var id = (string)(await client.PostAsync("experiments/create", new { name, tags = new[] { new { key = "k", value = "v" } } }))["experiment_id"]!;
        var runs = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            runs.Add(await client.NewRunAsync(id));
        }

        var model = (string)(await client.PostAsync("logged-models", new { experiment_id = id, source_run_id = runs[0] }))["model"]!["info"]!["model_id"]!;
        await client.PostAsync("runs/log-batch", new { run_id = runs[0], metrics = new[] { new { key = "m", value = 1, timestamp = 1, model_id = model } }, @params = new[] { new { key = "p", value = "1" } } });

        await client.PostAsync("experiments/delete", new { experiment_id = id, permanent = true });

        await client.GetRefusedAsync($"experiments/get?experiment_id={id}", "RESOURCE_DOES_NOT_EXIST", 404);
        await client.GetRefusedAsync($"runs/get?run_id={runs[59]}", "RESOURCE_DOES_NOT_EXIST", 404);
        await client.GetRefusedAsync($"logged-models/{model}?allow_deleted=true", "RESOURCE_DOES_NOT_EXIST", 404);
        Assert.Equal("{}", (await client.GetAsync($"metrics/get-history?run_id={runs[0]}&metric_key=m")).ToJsonString());
        Assert.NotEqual(id, (string)(await client.PostAsync("experiments/create", new { name }))["experiment_id"]!);
        await client.RefusedAsync("experiments/delete", new { experiment_id = id, permanent = true }, "RESOURCE_DOES_NOT_EXIST", 404);
        await client.RefusedAsync("experiments/delete", new { experiment_id = "0", permanent = true });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task An_experiment_is_renamed_and_tagged(string database)
    {
        var client = await servers.ClientAsync(database);
        var (id, taken) = (await client.NewExperimentAsync(), MLflowClient.NewName());
        await client.PostAsync("experiments/create", new { name = taken });
        var name = MLflowClient.NewName("renamed");

        await client.PostAsync("experiments/update", new { experiment_id = id, new_name = name });
        await client.PostAsync("experiments/set-experiment-tag", new { experiment_id = id, key = "data", value = "first" });
        await client.PostAsync("experiments/set-experiment-tag", new { experiment_id = id, key = "data" });

        var experiment = (await client.GetAsync($"experiments/get?experiment_id={id}"))["experiment"]!;
        Assert.Equal(name, (string)experiment["name"]!);
        Assert.Equal("""[{"key":"data","value":""}]""", experiment["tags"]!.ToJsonString());
        await client.RefusedAsync("experiments/update", new { experiment_id = id, new_name = taken }, "BAD_REQUEST");
        await client.PostAsync("experiments/delete-experiment-tag", new { experiment_id = id, key = "data" });
        await client.RefusedAsync("experiments/delete-experiment-tag", new { experiment_id = id, key = "data" }, "RESOURCE_DOES_NOT_EXIST", 404);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Experiments_are_found_by_filter_in_order_and_in_pages(string database)
    {
        var client = await servers.ClientAsync(database);
        var mark = Guid.NewGuid().ToString("N");
        foreach (var (name, value) in new[] { ("a", "value"), ("ab", "vaLue"), ("Abc", null) })
        {
            var tags = new List<object> { new { key = "mark", value = mark } };
            if (value is not null)
            {
                tags.Add(new { key = "key", value });
            }

            await client.PostAsync("experiments/create", new { name = $"{name} {mark}", tags });
            client.App.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        async Task<string> FindAsync(string filter, string[]? order = null)
        {
            var found = await client.PostAsync("experiments/search", new { filter = $"tags.mark = '{mark}' AND {filter}", order_by = order ?? [], max_results = 1000 });
            return string.Join(' ', (found["experiments"]?.AsArray() ?? []).Select(experiment => ((string)experiment!["name"]!).Split(' ')[0]));
        }

        Assert.Equal("a", await FindAsync($"attribute.name = 'a {mark}'"));
        Assert.Equal("Abc ab", await FindAsync($"name != 'a {mark}'"));
        Assert.Equal("ab a", await FindAsync("name LIKE 'a%'"));
        Assert.Equal("Abc ab a", await FindAsync("name ILIKE 'a%'"));
        Assert.Equal("a", await FindAsync("tag.key = 'value'"));
        Assert.Equal("ab", await FindAsync("tag.key != 'value'"));
        Assert.Equal("ab a", await FindAsync("tags.key ILIKE '%alu%'"));
        Assert.Equal("Abc", await FindAsync("tags.key IS NULL"));
        Assert.Equal("Abc a ab", await FindAsync("creation_time > 0", ["name ASC"]));
        Assert.Equal("a ab Abc", await FindAsync("last_update_time >= 1", ["experiment_id ASC"]));
        var first = await client.PostAsync("experiments/search", new { filter = $"tags.mark = '{mark}'", max_results = 2 });
        var second = await client.GetAsync($"experiments/search?filter={Uri.EscapeDataString($"tags.mark = '{mark}'")}&max_results=2&page_token={(string)first["next_page_token"]!}&view_type=ALL");
        Assert.Equal((2, 1), (first["experiments"]!.AsArray().Count, second["experiments"]!.AsArray().Count));
        Assert.Null(second["next_page_token"]);
        await client.RefusedAsync("experiments/search", new { max_results = 0 });
        await client.RefusedAsync("experiments/search", new { max_results = 50_001 });
        await client.RefusedAsync("experiments/search", new { page_token = "nonsense!" });
        await client.RefusedAsync("experiments/search", new { filter = "metrics.x > 1" });
        await client.RefusedAsync("experiments/search", new { filter = "name > 'a'" });
    }
}
