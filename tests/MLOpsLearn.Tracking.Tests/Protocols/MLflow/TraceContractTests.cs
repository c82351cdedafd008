using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>What clients of MLflow send by themselves when something that they run is traced, and the native calls beside it.</summary>
public sealed class TraceContractTests(MLflowServers servers)
{
    private const string V3 = "/api/3.0/mlflow/traces";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_trace_of_MLflow_3_is_stored_shown_tagged_and_deleted(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var id = NewId();

        var started = (await StartAsync(client, experiment, id, "IN_PROGRESS", null))["trace"]!["trace_info"]!;
        var ended = (await StartAsync(client, experiment, id, "OK", "1.500s"))["trace"]!["trace_info"]!;

        Assert.Equal(("IN_PROGRESS", null), ((string)started["state"]!, started["execution_duration"]));
        Assert.Equal($$$"""{"type":"MLFLOW_EXPERIMENT","mlflow_experiment":{"experiment_id":"{{{experiment}}}"}}""", ended["trace_location"]!.ToJsonString());
        Assert.Equal(("OK", "1.500s", "2024-01-01T00:00:00.250Z", "hello"), ((string)ended["state"]!, (string)ended["execution_duration"]!, (string)ended["request_time"]!, (string)ended["request_preview"]!));
        Assert.Equal($"mlflow-artifacts:/{experiment}/traces/{id}/artifacts", (string)ended["tags"]!["mlflow.artifactLocation"]!);
        Assert.Equal("""{"mlflow.sourceRun":"r"}""", ended["trace_metadata"]!.ToJsonString());
        Assert.Equal(ended.ToJsonString(), (await client.GetAsync($"{V3}/{id}"))["trace"]!["trace_info"]!.ToJsonString());
        await client.SendAsync(HttpMethod.Patch, $"{V3}/{id}/tags", new { key = "topic", value = "billing" });
        Assert.Equal("billing", (string)(await client.GetAsync($"{V3}/{id}"))["trace"]!["trace_info"]!["tags"]!["topic"]!);
        await client.SendAsync(HttpMethod.Delete, $"{V3}/{id}/tags", new { key = "topic" });
        Assert.Equal("RESOURCE_DOES_NOT_EXIST", (string)(await client.TrySendAsync(HttpMethod.Delete, $"{V3}/{id}/tags", new { key = "topic" })).Answer["error_code"]!);
        Assert.Equal("""{"traces_deleted":1}""", (await client.PostAsync($"{V3}/delete-traces", new { experiment_id = experiment, request_ids = new[] { id, "none" } })).ToJsonString());
        await client.GetRefusedAsync($"{V3}/{id}", "RESOURCE_DOES_NOT_EXIST", 404);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_trace_of_MLflow_2_is_started_ended_and_seen_by_both(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();

        var started = (await client.PostAsync("traces", new { experiment_id = experiment, timestamp_ms = 1000, request_metadata = new[] { new { key = "a", value = "1" } }, tags = new[] { new { key = "t", value = "x" } } }))["trace_info"]!;
        var id = (string)started["request_id"]!;
        var ended = (await client.SendAsync(HttpMethod.Patch, $"traces/{id}", new { timestamp_ms = 6000, status = "ERROR", request_metadata = new[] { new { key = "b", value = "2" } } }))["trace_info"]!;

        Assert.Equal(("IN_PROGRESS", 0L, 32), ((string)started["status"]!, (long)started["execution_time_ms"]!, id.Length));
        Assert.Equal(("ERROR", 5000L, """[{"key":"a","value":"1"},{"key":"b","value":"2"}]"""), ((string)ended["status"]!, (long)ended["execution_time_ms"]!, ended["request_metadata"]!.ToJsonString()));
        Assert.Equal(ended.ToJsonString(), (await client.GetAsync($"traces/{id}/info"))["trace_info"]!.ToJsonString());
        Assert.Equal("ERROR", (string)(await client.GetAsync($"{V3}/{id}"))["trace"]!["trace_info"]!["state"]!);
        Assert.Equal(id, (string)(await client.GetAsync($"traces?experiment_ids={experiment}&experiment_ids=99999&filter={Uri.EscapeDataString("status = 'ERROR'")}&order_by=timestamp_ms+DESC"))["traces"]![0]!["request_id"]!);
        await client.RefusedAsync("traces", new { experiment_id = experiment, timestamp_ms = -1 });
        await client.RefusedAsync("traces", new { experiment_id = "98765", timestamp_ms = 1 }, "RESOURCE_DOES_NOT_EXIST", 404);
        Assert.Equal(404, (int)(await client.TrySendAsync(HttpMethod.Patch, "traces/none", new { timestamp_ms = 1, status = "OK" })).Status);
        await client.RefusedAsync("traces/delete-traces", new { experiment_id = experiment });
        Assert.Equal("""{"traces_deleted":1}""", (await client.PostAsync("traces/delete-traces", new { experiment_id = experiment, max_timestamp_millis = 5000, max_traces = 10 })).ToJsonString());
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_search_finds_the_same_traces_by_either_contract(string database)
    {
        var client = await servers.ClientAsync(database);
        var experiment = await client.NewExperimentAsync();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var made = await client.App.Client.RecordTraceAsync(
                new RecordTraceRequest
                {
                    Trace = new Trace
                    {
                        TraceId = NewId(),
                        ExperimentId = long.Parse(experiment),
                        StartTime = new Timestamp { Seconds = i },
                        Duration = new Duration { Seconds = 3 - i },
                        State = i == 1 ? TraceState.Error : TraceState.Ok,
                        Tags = { ["mlflow.traceName"] = $"n{i}", ["team"] = "x" },
                        Metadata = { ["mlflow.sourceRun"] = $"r{i}" },
                    },
                },
                cancellationToken: Cancel);
            ids.Add(made.TraceId);
        }

        foreach (var (filter, order, found) in new[]
        {
            ("", "", "2 1 0"), ("status = 'OK'", "", "2 0"), ("trace.status != 'OK'", "", "1"), ("timestamp_ms >= 1000", "execution_time_ms ASC", "2 1"), ("name LIKE 'n%' AND tags.team = 'x'", "timestamp_ms ASC", "0 1 2"),
            ("run_id = 'r1'", "", "1"), ("metadata.`mlflow.sourceRun` = 'r2'", "", "2"), ($"request_id IN ('{ids[0]}')", "", "0"), ("tags.none IS NULL", "status DESC", "2 0 1"), ("execution_time > 2000", "", "0"),
        })
        {
            var there = await PagesAsync(client, experiment, filter, order);
            var here = new List<string>();
            var request = new SearchTracesRequest { ExperimentIds = { long.Parse(experiment) }, Filter = filter, PageSize = 2 };
            if (order.Length > 0)
            {
                request.OrderBy.Add(order);
            }

            do
            {
                var page = await client.App.Client.SearchTracesAsync(request, cancellationToken: Cancel);
                here.AddRange(page.Traces.Select(trace => trace.TraceId));
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            Assert.Equal(found, string.Join(' ', there.Select(id => ids.IndexOf(id))));
            Assert.Equal(there, here);
        }

        var tagged = await client.App.Client.SetTraceTagAsync(new SetTraceTagRequest { TraceId = ids[0], Key = "k", Value = "v" }, cancellationToken: Cancel);
        Assert.Equal(("v", TraceState.Ok, 3L), (tagged.Tags["k"], tagged.State, tagged.Duration.Seconds));
        Assert.False((await client.App.Client.DeleteTraceTagAsync(new DeleteTraceTagRequest { TraceId = ids[0], Key = "k" }, cancellationToken: Cancel)).Tags.ContainsKey("k"));
        await TrackingApp.FailsAsync(StatusCode.NotFound, client.App.Client.DeleteTraceTagAsync(new DeleteTraceTagRequest { TraceId = ids[0], Key = "k" }, cancellationToken: Cancel));
        Assert.Equal(1, (await client.App.Client.DeleteTracesAsync(new DeleteTracesRequest { ExperimentId = long.Parse(experiment), Until = new Timestamp { Seconds = 100 }, MaxTraces = 1 }, cancellationToken: Cancel)).Deleted);
        Assert.Equal([ids[2], ids[1]], await PagesAsync(client, experiment, "", ""));
        await client.App.Client.DeleteExperimentAsync(new DeleteExperimentRequest { ExperimentId = long.Parse(experiment), Permanent = true }, cancellationToken: Cancel);
        await TrackingApp.FailsAsync(StatusCode.NotFound, client.App.Client.GetTraceAsync(new GetTraceRequest { TraceId = ids[1] }, cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("trace_id", "\"../x\"")]
    [InlineData("trace_id", "\"\"")]
    [InlineData("request_time", "\"yesterday\"")]
    [InlineData("execution_duration", "\"1.5\"")]
    [InlineData("execution_duration", "\"9999999999999999999s\"")]
    [InlineData("tags", "{\"k\": 1}")]
    [InlineData("tags", "[]")]
    [InlineData("tags", "{\"a\\u0000b\": \"x\"}")]
    [InlineData("tags", "{\"\\ud800\": \"x\"}")]
    [InlineData("trace_location", "{}")]
    public async Task A_trace_that_breaks_a_rule_is_refused(string field, string value)
    {
        var client = await servers.ClientAsync("sqlite");
        var body = Body("0", NewId(), "OK", "1s");
        var broken = System.Text.RegularExpressions.Regex.Replace(body, $"\"{field}\":(\"[^\"]*\"|\\{{[^{{}}]*(\\{{[^{{}}]*\\}})?[^{{}}]*\\}})", $"\"{field}\":{value}");

        Assert.NotEqual(body, broken);
        await client.RefusedAsync(V3, broken);
        await client.RefusedAsync(V3, "{}");
        await client.RefusedAsync($"{V3}/search", new { });
        await client.RefusedAsync($"{V3}/search", new { locations = new[] { new { mlflow_experiment = new { experiment_id = "0" } } }, max_results = 501 });
    }

    private static string NewId() => $"tr-{Guid.NewGuid():N}";

    private static Task<JsonNode> StartAsync(MLflowClient client, string experiment, string id, string state, string? duration) => client.PostAsync(V3, Body(experiment, id, state, duration));

    private static string Body(string experiment, string id, string state, string? duration)
    {
        var info = new JsonObject
        {
            ["trace_id"] = id,
            ["trace_location"] = new JsonObject { ["type"] = "MLFLOW_EXPERIMENT", ["mlflow_experiment"] = new JsonObject { ["experiment_id"] = experiment } },
            ["request_time"] = "2024-01-01T00:00:00.250Z",
            ["state"] = state,
            ["request_preview"] = "hello",
            ["tags"] = new JsonObject { ["team"] = "x" },
            ["trace_metadata"] = new JsonObject { ["mlflow.sourceRun"] = "r" },
        };
        if (duration is not null)
        {
            info["execution_duration"] = duration;
        }

        return new JsonObject { ["trace"] = new JsonObject { ["trace_info"] = info } }.ToJsonString();
    }

    private static async Task<List<string>> PagesAsync(MLflowClient client, string experiment, string filter, string order)
    {
        var found = new List<string>();
        string? token = null;
        do
        {
            var page = await client.PostAsync($"{V3}/search", new
            {
                locations = new[] { new { type = "MLFLOW_EXPERIMENT", mlflow_experiment = new { experiment_id = experiment } } },
                filter,
                order_by = order.Length > 0 ? new[] { order } : [],
                max_results = 2,
                page_token = token,
            });
            found.AddRange((page["traces"]?.AsArray() ?? []).Select(trace => (string)trace!["trace_id"]!));
            token = (string?)page["next_page_token"];
        }
        while (token is not null);
        return found;
    }
}
