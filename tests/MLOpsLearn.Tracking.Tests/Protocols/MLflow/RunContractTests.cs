using System.Text.Json.Nodes;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class RunContractTests(MLflowServers servers)
{
    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_run_comes_back_as_it_was_logged(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var created = (await client.PostAsync("runs/create", new
        {
            experiment_id = experiment,
            user_id = "ana",
            run_name = "first",
            start_time = 456,
            tags = new[] { new { key = "mlflow.user", value = "ana" }, new { key = "my", value = "tag" } },
        }))["run"]!;
        var id = (string)created["info"]!["run_id"]!;
        await client.PostAsync("runs/log-metric", new { run_id = id, run_uuid = id, key = "loss", value = 0.5, timestamp = 789, step = 2 });
        await client.PostAsync("runs/log-metric", new { run_uuid = id, key = "nan", value = "NaN", timestamp = "1" });
        await client.PostAsync("runs/log-metric", $$"""{"run_id": "{{id}}", "key": "bare", "value": NaN, "timestamp": 1}""");
        await client.PostAsync("runs/log-metric", new { run_id = id, key = "inf", value = "Infinity", timestamp = 1 });
        await client.PostAsync("runs/log-metric", new { run_id = id, key = "-inf", value = "-Infinity", timestamp = 1 });
        await client.PostAsync("runs/log-parameter", new { run_id = id, key = "depth", value = "6" });
        await client.PostAsync("runs/set-tag", new { run_id = id, key = "note", value = "" });

        var run = await client.RunAsync(id);

        var info = run["info"]!;
        Assert.Equal((id, id, experiment, "first", "ana", "RUNNING", 456L, "active"), (
            (string)info["run_id"]!, (string)info["run_uuid"]!, (string)info["experiment_id"]!, (string)info["run_name"]!,
            (string)info["user_id"]!, (string)info["status"]!, (long)info["start_time"]!, (string)info["lifecycle_stage"]!));
        Assert.Equal($"mlflow-artifacts:/{experiment}/{id}/artifacts", (string)info["artifact_uri"]!);
        Assert.Null(info["end_time"]);
        Assert.Equal("{}", run["inputs"]!.ToJsonString());
        Assert.Equal("{}", run["outputs"]!.ToJsonString());
        var metrics = run["data"]!["metrics"]!.AsArray().ToDictionary(metric => (string)metric!["key"]!, metric => metric!);
        Assert.Equal("""{"key":"loss","value":0.5,"timestamp":789,"step":2}""", metrics["loss"].ToJsonString());
        Assert.Equal("NaN", (string)metrics["nan"]["value"]!);
        Assert.Equal("NaN", (string)metrics["bare"]["value"]!);
        Assert.Equal((double.MaxValue, double.MinValue), ((double)metrics["inf"]["value"]!, (double)metrics["-inf"]["value"]!));
        Assert.Equal("""[{"key":"depth","value":"6"}]""", run["data"]!["params"]!.ToJsonString());
        Assert.Equal(
            new Dictionary<string, string> { ["mlflow.user"] = "ana", ["my"] = "tag", ["mlflow.runName"] = "first", ["note"] = "" },
            Pairs(run["data"]!["tags"]));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_run_without_anything_said_has_the_defaults(string database)
    {
        var client = await servers.ClientAsync(database);

        var run = (await client.PostAsync("runs/create", new { experiment_id = "" }))["run"]!;

        Assert.Equal(("0", 0L, ""), ((string)run["info"]!["experiment_id"]!, (long)run["info"]!["start_time"]!, (string)run["info"]!["user_id"]!));
        Assert.Matches("^[a-z]+-[a-z]+-[0-9]+$", (string)run["info"]!["run_name"]!);
        Assert.True(((string)run["info"]!["run_name"]!).Length <= 20);
        Assert.Matches("^[0-9a-f]{32}$", (string)run["info"]!["run_id"]!);
        Assert.Null(run["data"]!["metrics"]);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_run_is_named_by_its_name_or_its_tag(string database)
    {
        var client = await servers.ClientAsync(database);
        var tagged = new { experiment_id = "0", tags = new[] { new { key = "mlflow.runName", value = "by tag" } } };
        var twice = new { experiment_id = "0", run_name = "other", tags = new[] { new { key = "mlflow.runName", value = "by tag" } } };

        var run = (await client.PostAsync("runs/create", tagged))["run"]!;
        var refused = await client.RefusedAsync("runs/create", twice);
        var id = (string)run["info"]!["run_id"]!;
        var renamed = (await client.PostAsync("runs/update", new { run_id = id, run_name = "renamed", status = "FINISHED", end_time = 999 }))["run_info"]!;
        await client.PostAsync("runs/set-tag", new { run_id = id, key = "mlflow.runName", value = "by tag again" });
        var unchanged = (await client.PostAsync("runs/update", new { run_id = id, run_name = "", status = "NONSENSE" }))["run_info"]!;

        Assert.Equal("by tag", (string)run["info"]!["run_name"]!);
        Assert.Contains("run_name", refused, StringComparison.Ordinal);
        Assert.Equal(("renamed", "FINISHED", 999L), ((string)renamed["run_name"]!, (string)renamed["status"]!, (long)renamed["end_time"]!));
        Assert.Equal(("by tag again", "FINISHED", 999L), ((string)unchanged["run_name"]!, (string)unchanged["status"]!, (long)unchanged["end_time"]!));
        Assert.Equal("by tag again", Pairs((await client.RunAsync(id))["data"]!["tags"])["mlflow.runName"]);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_deleted_run_can_be_read_and_restored_but_not_written(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var id = await client.NewRunAsync(experiment);
        await client.PostAsync("runs/set-tag", new { run_id = id, key = "t", value = "v" });

        await client.PostAsync("runs/delete", new { run_id = id });
        await client.PostAsync("runs/delete", new { run_id = id });

        Assert.Equal("deleted", (string)(await client.RunAsync(id))["info"]!["lifecycle_stage"]!);
        foreach (var (path, body) in new (string, object)[]
        {
            ("runs/log-metric", new { run_id = id, key = "m", value = 1, timestamp = 1 }),
            ("runs/log-parameter", new { run_id = id, key = "p", value = "1" }),
            ("runs/set-tag", new { run_id = id, key = "t", value = "1" }),
            ("runs/delete-tag", new { run_id = id, key = "t" }),
            ("runs/log-batch", new { run_id = id, tags = new[] { new { key = "a", value = "b" } } }),
            ("runs/update", new { run_id = id, status = "FAILED" }),
        })
        {
            Assert.Equal($"The run {id} must be in the 'active' state. Current state is deleted.", await client.RefusedAsync(path, body));
        }

        Assert.Empty(await client.SearchAsync(experiment));
        await client.PostAsync("runs/restore", new { run_id = id });
        await client.PostAsync("runs/restore", new { run_id = id });
        Assert.Equal([id], await client.SearchAsync(experiment));
        await client.PostAsync("runs/delete-tag", new { run_id = id, key = "t" });
        Assert.Contains("No tag with name: t in run with id", await client.RefusedAsync("runs/delete-tag", new { run_id = id, key = "t" }, "RESOURCE_DOES_NOT_EXIST", 404), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_run_that_there_is_not_is_404(string database)
    {
        var client = await servers.ClientAsync(database);
        var calls = new (string Path, object Body)[]
        {
            ("runs/update", new { run_id = "x", status = "FAILED" }), ("runs/delete", new { run_id = "x" }), ("runs/restore", new { run_id = "x" }),
            ("runs/set-tag", new { run_id = "x", key = "k", value = "v" }), ("runs/log-parameter", new { run_id = "x", key = "k", value = "v" }),
            ("runs/log-metric", new { run_id = "x", key = "k", value = 1, timestamp = 1 }), ("runs/log-batch", new { run_id = "x" }),
            ("runs/delete-tag", new { run_id = "x", key = "k" }),
        };

        Assert.Equal("Run with id=x not found", await client.GetRefusedAsync("runs/get?run_id=x", "RESOURCE_DOES_NOT_EXIST", 404));
        foreach (var (path, body) in calls)
        {
            Assert.Equal("Run with id=x not found", await client.RefusedAsync(path, body, "RESOURCE_DOES_NOT_EXIST", 404));
        }

        await client.RefusedAsync("runs/create", new { experiment_id = "987654321" }, "RESOURCE_DOES_NOT_EXIST", 404);
    }

    private static Dictionary<string, string> Pairs(JsonNode? pairs) =>
        pairs?.AsArray().ToDictionary(pair => (string)pair!["key"]!, pair => (string)pair!["value"]!) ?? [];
}
