using System.Net;
using System.Text;

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

public sealed class LimitTests(MLflowServers servers)
{
    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Everything_of_the_greatest_length_fits_and_one_more_does_not(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();
        var key = new string('k', 250);
        object Metrics(int count) => new { run_id = id, metrics = Enumerable.Range(0, count).Select(step => new { key, value = 1, timestamp = 1, step }) };
        object Pairs(string what, int count) => new Dictionary<string, object> { ["run_id"] = id, [what] = Enumerable.Range(0, count).Select(i => new { key = $"{what}{i}", value = "v" }) };

        await client.PostAsync("runs/log-batch", Metrics(1000));
        await client.PostAsync("runs/log-batch", Pairs("params", 100));
        await client.PostAsync("runs/log-batch", Pairs("tags", 100));
        await client.PostAsync("runs/log-batch", new { run_id = id });

        Assert.StartsWith("A batch logging request can contain at most 1000 metrics. Got 1001 metrics.", await client.RefusedAsync("runs/log-batch", Metrics(1001)), StringComparison.Ordinal);
        Assert.StartsWith("A batch logging request can contain at most 100 params. Got 101 params.", await client.RefusedAsync("runs/log-batch", Pairs("params", 101)), StringComparison.Ordinal);
        Assert.StartsWith("A batch logging request can contain at most 100 tags. Got 101 tags.", await client.RefusedAsync("runs/log-batch", Pairs("tags", 101)), StringComparison.Ordinal);
        Assert.StartsWith("A batch logging request can contain at most 1000 metrics, params, and tags. Got 1001", await client.RefusedAsync("runs/log-batch", new
        {
            run_id = id,
            metrics = Enumerable.Range(0, 1000).Select(step => new { key = "m", value = 1, timestamp = 1, step }),
            tags = new[] { new { key = "t", value = "v" } },
        }), StringComparison.Ordinal);
        var longer = key + "k";
        Assert.Contains("'Metric name' exceeds the maximum length of 250 characters", await client.RefusedAsync("runs/log-metric", new { run_id = id, key = longer, value = 1, timestamp = 1 }), StringComparison.Ordinal);
        Assert.Contains("'Param key' exceeds the maximum length of 250 characters", await client.RefusedAsync("runs/log-parameter", new { run_id = id, key = longer, value = "v" }), StringComparison.Ordinal);
        Assert.Contains("'key' exceeds the maximum length of 250 characters", await client.RefusedAsync("runs/set-tag", new { run_id = id, key = longer, value = "v" }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task Values_of_params_and_tags_are_cut_where_they_are_too_long(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();

        await client.PostAsync("runs/log-parameter", new { run_id = id, key = "p", value = new string('p', 7000) });
        await client.PostAsync("runs/set-tag", new { run_id = id, key = "t", value = new string('t', 9000) });
        await client.PostAsync("runs/log-batch", new { run_id = id, tags = new[] { new { key = "u", value = new string('t', 7999) + "😀" } } });

        var data = (await client.RunAsync(id))["data"]!;
        Assert.Equal(new string('p', 6000), (string)data["params"]![0]!["value"]!);
        Assert.Equal(8000, ((string)data["tags"]!.AsArray().Single(tag => (string)tag!["key"]! == "t")!["value"]!).Length);
        Assert.Equal(new string('t', 7999), (string)data["tags"]!.AsArray().Single(tag => (string)tag!["key"]! == "u")!["value"]!);
    }

    [Theory]
    [InlineData("a$b", "Names may only contain alphanumerics")]
    [InlineData("a\nb", "Names may only contain alphanumerics")]
    [InlineData(".", "would resolve to '.'")]
    [InlineData("/a", "would resolve to '/a'")]
    [InlineData("../a", "would resolve to '../a'")]
    [InlineData("a/", "would resolve to 'a'")]
    [InlineData("a//b", "would resolve to 'a/b'")]
    [InlineData("a/./b", "would resolve to 'a/b'")]
    [InlineData("a/../b", "would resolve to 'b'")]
    public async Task Keys_that_are_no_plain_names_are_refused(string key, string message)
    {
        var client = await servers.ClientAsync("sqlite");
        var id = await client.NewRunAsync();
        var pair = new { key, value = "v" };

        foreach (var (path, body, field) in new (string, object, string)[]
        {
            ("runs/log-metric", new { run_id = id, key, value = 1, timestamp = 1 }, "name"),
            ("runs/log-parameter", new { run_id = id, key, value = "v" }, "key"),
            ("runs/set-tag", new { run_id = id, key, value = "v" }, "key"),
            ("runs/log-batch", new { run_id = id, metrics = new[] { new { key, value = 1, timestamp = 1 } } }, "metrics[0].name"),
            ("runs/log-batch", new { run_id = id, @params = new[] { pair } }, "params[0].key"),
            ("runs/log-batch", new { run_id = id, tags = new[] { new { key = "fine", value = "v" }, pair } }, "tags[1].key"),
        })
        {
            var refused = await client.RefusedAsync(path, body);
            Assert.Contains(message, refused, StringComparison.Ordinal);
            Assert.Contains($"for parameter '{field}' supplied", refused, StringComparison.Ordinal);
        }

        Assert.Null((await client.RunAsync(id))["data"]!["params"]);
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task What_a_key_may_have_it_may_have(string database)
    {
        var client = await servers.ClientAsync(database);
        var id = await client.NewRunAsync();
        string[] keys = ["a/b", "a.b", "a-b", "a b", "a:b", "ünïcode", "a..b", "系"];

        await client.PostAsync("runs/log-batch", new { run_id = id, @params = keys.Select(key => new { key, value = key }) });

        Assert.Equal(keys.Order(StringComparer.Ordinal), (await client.RunAsync(id))["data"]!["params"]!.AsArray().Select(param => (string)param!["key"]!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("runs/log-metric", """{"run_id": 31, "key": "m", "value": 41, "timestamp": 59}""", "Invalid value 31 for parameter 'run_id' supplied:  Hint: Value was of type 'int'.")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": 31, "value": 41, "timestamp": 59}""", "Invalid value 31 for parameter 'key' supplied")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": "m", "value": 41, "timestamp": 59, "step": "foo"}""", "Invalid value \"foo\" for parameter 'step' supplied")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": "m", "value": 41, "timestamp": "foo"}""", "Invalid value \"foo\" for parameter 'timestamp' supplied:  Hint: Value was of type 'str'.")]
    [InlineData("runs/log-metric", """{"run_id": null, "key": "m", "value": 41, "timestamp": 59}""", "Missing value for required parameter 'run_id'")]
    [InlineData("runs/log-metric", """{"run_id": "x", "value": 41, "timestamp": 59}""", "Missing value for required parameter 'key'")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": "m", "timestamp": 59}""", "Missing value for required parameter 'value'")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": "m", "value": "much", "timestamp": 59}""", "Invalid value \"much\" for parameter 'value' supplied")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": "m", "value": 1, "timestamp": -1}""", "Timestamp must be a nonnegative long (64-bit integer) ")]
    [InlineData("runs/log-metric", """{"run_id": "x", "key": "m", "value": 1, "timestamp": 1.5}""", "Hint: Value was of type 'float'")]
    [InlineData("runs/log-metric", "no json", "Missing value for required parameter 'run_id'. See the API docs for more information about request parameters.")]
    [InlineData("runs/log-metric", "[1, 2]", "Missing value for required parameter 'run_id'")]
    [InlineData("runs/set-tag", """{"run_id": "x", "key": "t", "value": 41}""", "Invalid value 41 for parameter 'value' supplied")]
    [InlineData("runs/set-tag", """{"run_id": "x", "value": "v"}""", "Missing value for required parameter 'key'")]
    [InlineData("runs/set-tag", """{"run_id": "x", "key": "t", "value": "a\u0000b"}""", "NUL")]
    [InlineData("runs/set-tag", """{"run_id": "x", "key": "t", "value": "\ud800"}""", "Unicode")]
    [InlineData("runs/log-batch", """{"run_id": "x", "metrics": "foo"}""", "Invalid value \"foo\" for parameter 'metrics' supplied")]
    [InlineData("runs/log-batch", """{"run_id": "x", "metrics": [{"key": "mae", "value": 2.5}]}""", "Missing value for required parameter 'metrics[0].timestamp'")]
    [InlineData("runs/log-batch", """{"run_id": "x", "metrics": [3]}""", "Invalid value 3 for parameter 'metrics[0]' supplied")]
    [InlineData("runs/log-batch", """{"run_id": "a b"}""", "Invalid value \"a b\" for parameter 'run_id' supplied.")]
    [InlineData("runs/log-batch", """{"run_id": "x", "params": [{"key": "d", "value": "1"}, {"key": "d", "value": "1"}]}""", "Duplicate parameter keys have been submitted: ['d']. ")]
    [InlineData("runs/create", """{"start_time": "soon"}""", "Invalid value \"soon\" for parameter 'start_time' supplied")]
    [InlineData("runs/search", """{"experiment_ids": "0"}""", "Invalid value \"0\" for parameter 'experiment_ids' supplied")]
    public async Task A_wrong_type_or_a_missing_field_is_named(string path, string body, string message)
    {
        var client = await servers.ClientAsync("sqlite");

        Assert.Contains(message, await client.RefusedAsync(path, body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leniency_is_the_originals()
    {
        var client = await servers.ClientAsync("sqlite");
        var id = await client.NewRunAsync();

        await client.PostAsync("runs/log-metric", $$"""{"run_id": "{{id}}", "key": "m", "value": "1.5", "timestamp": "3", "step": 2.0, "unknown": {"a": [] } }""");
        await client.PostAsync("runs/log-metric", $$"""{"runId": "{{id}}", "key": "yes", "value": true, "timestamp": 3}""");
        await client.PostAsync("runs/set-tag", System.Text.Json.JsonSerializer.Serialize($$"""{"run_id": "{{id}}", "key": "twice", "value": "encoded"}"""));
        await client.PostAsync("runs/update", $$"""{"run_id": "{{id}}", "status": 4}""");
        using var old = new HttpRequestMessage(HttpMethod.Get, "/api/2.0/mlflow/runs/get") { Content = new StringContent($$"""{"run_uuid": "{{id}}"}""", Encoding.UTF8, "application/json") };
        using var answer = await client.Http.SendAsync(old, TestContext.Current.CancellationToken);

        var run = await client.RunAsync(id);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("FAILED", (string)run["info"]!["status"]!);
        Assert.Equal("""[{"key":"m","value":1.5,"timestamp":3,"step":2},{"key":"yes","value":1,"timestamp":3,"step":0}]""", run["data"]!["metrics"]!.ToJsonString());
        Assert.Contains("encoded", run["data"]!["tags"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task Only_JSON_is_taken(string? contentType)
    {
        var client = await servers.ClientAsync("sqlite");
        using var content = new ByteArrayContent("{}"u8.ToArray());
        content.Headers.ContentType = contentType is null ? null : new(contentType);

        using var answer = await client.Http.PostAsync("/api/2.0/mlflow/runs/create", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Bad Request. Content-Type must be one of ['application/json'].", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_else_lies_at_these_paths_is_said_in_the_same_form()
    {
        var client = await servers.ClientAsync("sqlite");

        Assert.Contains("/api/2.0/mlflow/nothing/here", await client.RefusedAsync("nothing/here", new { }, "ENDPOINT_NOT_FOUND", 404), StringComparison.Ordinal);
        Assert.Equal("3.11.0", await client.Http.GetStringAsync("/version", TestContext.Current.CancellationToken));
        Assert.Equal("OK", await client.Http.GetStringAsync("/health", TestContext.Current.CancellationToken));
        Assert.Equal("""{"store_type":"SqlStore","workspaces_enabled":false}""", (await client.GetAsync("/api/3.0/mlflow/server-info")).ToJsonString());
        using var answer = await client.Http.GetAsync("/api/2.0/mlflow/experiments/get?experiment_id=0", TestContext.Current.CancellationToken);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("SAMEORIGIN", answer.Headers.GetValues("X-Frame-Options").Single());
    }
}
