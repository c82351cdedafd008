namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class SearchContractTests(MLflowServers servers)
{
    /// <summary>Filters of the reference with the runs that they find, of those that the test makes.</summary>
    public static TheoryData<string, string, string> Filters
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var database in (string[])["sqlite", "postgres"])
            {
                foreach (var (filter, found) in FoundBy)
                {
                    data.Add(database, filter, found);
                }
            }

            return data;
        }
    }

    private static readonly (string Filter, string Found)[] FoundBy =
    [
        ("metrics.loss = 0.5", "b"), ("metric.loss != 0.5", "a"), ("metrics.loss < 1", "b"), ("metrics.loss<=0.5", "b"), ("metrics.loss > 0.5", "a"),
        ("metrics.loss >= 5e-1", "a b"), ("metrics.`loss` > -1", "a b"), ("metrics.\"loss\" > 0", "a b"), ("metrics.nothing != 1", ""),
        ("params.model = 'tree'", "a"), ("param.model != 'tree'", "b"), ("parameters.model LIKE 't%'", "a"), ("parameter.model ILIKE 'T_EE'", "a"),
        ("params.model LIKE 'T%'", ""), ("params.model IS NULL", "c"), ("params.model IS NOT NULL", "a b"), ("params.model is not null", "a b"),
        ("tags.team = 'x'", "a"), ("tag.team != 'x'", "c"), ("tags.mlflow.runName = 'b'", "b"), ("tags.`mlflow.runName` LIKE '%'", "a b c"), ("tags.team IS NULL", "b"),
        ("run_name = 'a'", "a"), ("attributes.run_name != 'a'", "b c"), ("attr.`run name` = 'b'", "b"), ("run.\"Run Name\" ILIKE 'B'", "b"),
        ("status = 'FINISHED'", "c"), ("attribute.status != 'FINISHED'", "a b"), ("status LIKE 'RUN%'", "a b"), ("status = 'finished'", ""),
        ("user_id = 'u'", "a"), ("artifact_uri LIKE 'mlflow-artifacts:/%/artifacts'", "a b c"),
        ("start_time > 1", "a b"), ("attributes.created >= 2", "a b"), ("Created = 3", "a"), ("end_time = 9", "c"), ("end_time != 8", "c"),
        ("metrics.loss > 0 AND params.model = 'tree'", "a"), ("metrics.loss > 0 and params.model = 'tree' AND status = 'RUNNING'", "a"),
        ("metrics.loss > 0 params.model = 'tree'", "a"), ("params.model = \"tree\"", "a"), ("run_id IN ('none', \"no\")", ""),
        ("run_id NOT IN ('none')", "a b c"), ("tags.quote = 'it''s'", ""), ("tags.`strange key/x y` = '100%'", "c"), ("tags.`strange key/x y` LIKE '100_'", "c"),
        ("params.emoji = '😀'", "b"), ("params.emoji LIKE '_'", "b"),
    ];

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_filter_finds_what_the_original_finds(string database, string filter, string found)
    {
        var (client, experiment, names) = await RunsAsync(database);

        var ids = await client.SearchAsync(experiment, filter);

        Assert.Equal(found, string.Join(' ', ids.Select(id => names[id]).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("metrics.loss > 0 OR metrics.loss < 0", "OR")]
    [InlineData("(metrics.loss > 0)", "Invalid clause(s) in filter string")]
    [InlineData("NOT metrics.loss > 0", "Invalid clause(s) in filter string")]
    [InlineData("metrics.loss > 0;", "';'")]
    [InlineData("   ", "Invalid filter")]
    [InlineData("metrics.loss > 'a'", "Expected numeric value type for metric. Found 'a'")]
    [InlineData("metrics.loss > abc", "Expected numeric value type for metric. Found abc")]
    [InlineData("params.p = 1", "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 1")]
    [InlineData("tags.t = 1", "Expected a quoted string value for tag")]
    [InlineData("status = 1", "Expected a quoted string value for attributes")]
    [InlineData("params.p > '1'", "Invalid comparator '>' not one of")]
    [InlineData("metrics.m LIKE 'x'", "Invalid comparator 'LIKE' not one of")]
    [InlineData("start_time LIKE '1'", "Invalid comparator 'LIKE' not one of")]
    [InlineData("start_time = 'x'", "Expected numeric value type for numeric attribute: start_time. Found 'x'")]
    [InlineData("metrics.m IS NULL", "Invalid comparator 'IS NULL'")]
    [InlineData("experiment_id = '1'", "Invalid attribute key 'experiment_id' specified. Valid keys are")]
    [InlineData("lifecycle_stage = 'active'", "Invalid attribute key 'lifecycle_stage' specified")]
    [InlineData("status IN ('RUNNING')", "Only the 'run_id' attribute supports comparison with a list")]
    [InlineData("params.p IN ('x')", "Invalid comparator 'IN' not one of")]
    [InlineData("tags.t NOT IN ('x', 'y')", "Invalid comparator 'NOT IN' not one of")]
    [InlineData("run_id IN ()", "non-empty list")]
    [InlineData("run_id IN (1)", "expected string value")]
    [InlineData("run_id IN 'x'", "Expected a list")]
    [InlineData("Metrics.loss > 0", "Invalid entity type 'Metrics'")]
    [InlineData("dataset.size = 'x'", "Invalid dataset key 'size' specified")]
    [InlineData("params.p = 'never closed", "the quote is never closed")]
    [InlineData("params.p", "Invalid clause(s) in filter string: 'params.p' (at character 1)")]
    [InlineData("status = 'RUNNING' AND params. = 'x'", "Expected a key after 'params.'")]
    [InlineData("status = 'RUNNING' AND", "Invalid clause(s)")]
    [InlineData("status = 'RUNNING' AND 'x' = 'y'", "at character 24")]
    [InlineData("params.p <> 'x'", "Invalid comparator '<>'")]
    public async Task What_is_no_filter_is_refused_at_its_place(string filter, string message)
    {
        var client = await servers.ClientAsync("sqlite");

        Assert.Contains(message, await client.RefusedAsync("runs/search", new { experiment_ids = new[] { "0" }, filter }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Present_values_come_first_then_NaN_then_missing_ones_in_both_directions(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var names = new Dictionary<string, string>();
        foreach (var (name, value) in new (string, object?)[] { ("x", 456), ("z", -123), ("-inf", "-Infinity"), ("inf", "Infinity"), ("nan", "NaN"), ("none", null), ("1000", 1000), ("none2", null) })
        {
            // Older ones lose a tie.
            var id = await client.NewRunAsync(experiment, 100 - names.Count, name);
            names[id] = name;
            if (value is not null)
            {
                await client.PostAsync("runs/log-metric", new { run_id = id, key = "x", value, timestamp = 1 });
                await client.PostAsync("runs/log-parameter", new { run_id = id, key = "p", value = name });
            }
        }

        async Task<string> OrderAsync(params string[] order) => string.Join(' ', (await client.SearchAsync(experiment, null, order, maxResults: 3)).Select(id => names[id]));

        Assert.Equal("-inf z x 1000 inf nan none none2", await OrderAsync("metrics.x asc"));
        Assert.Equal("inf 1000 x z -inf nan none none2", await OrderAsync("metrics.`x` DESC"));
        Assert.Equal("-inf 1000 inf nan x z none none2", await OrderAsync("params.p"));
        Assert.Equal("z x nan inf 1000 -inf none none2", await OrderAsync("param.p desc"));
        Assert.Equal("none2 1000 none nan inf -inf z x", await OrderAsync("start_time ASC"));
        Assert.Equal("x z -inf inf nan none 1000 none2", await OrderAsync("created DESC"));
        Assert.Equal("x z -inf inf nan none 1000 none2", await OrderAsync());
        Assert.Equal("-inf 1000 inf nan none none2 x z", await OrderAsync("attributes.run_name"));
        Assert.Equal("x z -inf inf nan none 1000 none2", await OrderAsync("status", "tags.nothing", "end_time DESC"));
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, order_by = new[] { "metrics.x", "metrics.x DESC" } });
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, order_by = new[] { "metrics.x SIDEWAYS" } });
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, order_by = new[] { "metrics.x ASC, params.p" } });
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, order_by = new[] { "lifecycle_stage" } });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Runs_of_one_moment_come_in_pages_by_their_ids(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await client.NewRunAsync(experiment));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), await client.SearchAsync(experiment, maxResults: 4));
        Assert.Equal("{}", (await client.PostAsync("runs/search", new { })).ToJsonString());
        Assert.Equal("{}", (await client.PostAsync("runs/search", new { experiment_ids = new[] { "98765" } })).ToJsonString());
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { "x" } });
        Assert.Contains("Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer", await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, max_results = 0 }), StringComparison.Ordinal);
        Assert.Contains("Invalid value 123456789 for parameter 'max_results' supplied", await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, max_results = 123456789 }), StringComparison.Ordinal);
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, page_token = "nonsense" });
        await client.RefusedAsync("runs/search", new { experiment_ids = new[] { experiment }, run_view_type = "SOME" });
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Who_asks_for_more_than_the_original_gets_it(string database)
    {
        var (client, experiment, names) = await RunsAsync(database);
        var parent = names.Single(pair => pair.Value == "a").Key;
        var child = (string)(await client.PostAsync("runs/create", new { experiment_id = "0", tags = new[] { new { key = "mlflow.parentRunId", value = parent } } }))["run"]!["info"]!["run_id"]!;

        var either = await client.SearchAsync(experiment, "(metrics.loss < 1 OR tags.team IS NOT NULL) AND run_name != 'c'", extended: true);
        var listed = await client.SearchAsync(experiment, "params.model IN ('tree', 'net') AND status NOT IN ('FINISHED') AND tags.team IN ('x')", extended: true);
        var elsewhere = await client.PostAsync("runs/search", new { all_experiments = true, filter = $"tags.`mlflow.parentRunId` IN ('{parent}') OR run_id = '{parent}'", extended_filter = true, order_by = new[] { "start_time ASC" } });
        var count = await client.PostAsync("runs/search", new { experiment_ids = new[] { experiment }, filter = "metrics.loss > 0", count_only = true });
        var bare = await client.PostAsync("runs/search", new { experiment_ids = new[] { experiment }, omit_data = true });
        var children = await client.PostAsync("runs/search", new { all_experiments = true, parent_run_id = parent });

        Assert.Equal("a b", string.Join(' ', either.Select(id => names[id]).Order(StringComparer.Ordinal)));
        Assert.Equal(["a"], listed.Select(id => names[id]));
        Assert.Equal([child, parent], elsewhere["runs"]!.AsArray().Select(run => (string)run!["info"]!["run_id"]!));
        Assert.Equal("""{"total_count":2}""", count.ToJsonString());
        Assert.All(bare["runs"]!.AsArray(), run => Assert.Equal(["info"], run!.AsObject().Select(field => field.Key)));
        Assert.Equal([child], children["runs"]!.AsArray().Select(run => (string)run!["info"]!["run_id"]!));
    }

    private async Task<(MLflowClient Client, string Experiment, Dictionary<string, string> Names)> RunsAsync(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var names = new Dictionary<string, string>();
        foreach (var (name, start) in new[] { ("a", 3), ("b", 2), ("c", 1) })
        {
            var run = await client.PostAsync("runs/create", new { experiment_id = experiment, run_name = name, start_time = start, user_id = name == "a" ? "u" : "v" });
            names[(string)run["run"]!["info"]!["run_id"]!] = name;
        }

        var ids = names.ToDictionary(pair => pair.Value, pair => pair.Key);
        await client.PostAsync("runs/log-batch", $$"""{"run_id": "{{ids["a"]}}", "metrics": [{"key": "loss", "value": 1, "timestamp": 1}], "params": [{"key": "model", "value": "tree"}], "tags": [{"key": "team", "value": "x"}]}""");
        await client.PostAsync("runs/log-batch", $$"""{"run_id": "{{ids["b"]}}", "metrics": [{"key": "loss", "value": 0.5, "timestamp": 1}], "params": [{"key": "model", "value": "net"}, {"key": "emoji", "value": "😀"}]}""");
        await client.PostAsync("runs/log-batch", $$"""{"run_id": "{{ids["c"]}}", "metrics": [{"key": "loss", "value": "NaN", "timestamp": 1}], "tags": [{"key": "team", "value": "y"}, {"key": "strange key/x y", "value": "100%"}]}""");
        await client.PostAsync("runs/update", new { run_id = ids["c"], status = "FINISHED", end_time = 9 });
        return (client, experiment, names);
    }
}
