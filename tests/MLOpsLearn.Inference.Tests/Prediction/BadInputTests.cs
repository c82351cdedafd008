using System.Net;
using System.Text;
using Grpc.Core;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Prediction;

/// <summary>Requests that break a rule get told which, by gRPC and by JSON.</summary>
public sealed class BadInputTests
{
    private static readonly Dictionary<string, (Func<PredictRequest> Request, string Named)> Cases = new()
    {
        ["no columns"] = (() => new PredictRequest { Endpoint = "trips-live" }, "columns"),
        ["no rows"] = (() => Requests.Trips(rows: 0), "columns"),
        ["too many rows"] = (() => Requests.Trips(rows: 10_001), "10000"),
        ["missing column"] = (() => Changed(request => request.Columns.RemoveAt(1)), "columns[zone]"),
        ["unknown column"] = (() => Changed(request => request.Columns.Add(Numbers("speed", 1))), "columns[speed]"),
        ["column twice"] = (() => Changed(request => request.Columns.Add(Numbers("distance", 1))), "columns[distance] must come once"),
        ["other length"] = (() => Changed(request => request.Columns[1] = Texts("zone", "1", "2")), "columns[zone] must have 1 values"),
        ["column without values"] = (() => Changed(request => request.Columns[1] = new InputColumn { Name = "zone" }), "columns[zone]"),
        ["text for a number"] = (() => Changed(request => request.Columns[0] = Texts("distance", "far")), "columns[distance]"),
        ["infinity"] = (() => Changed(request => request.Columns[0] = Numbers("distance", double.NegativeInfinity)), "columns[distance][0]"),
        ["fraction for a category"] = (() => Changed(request => request.Columns[1] = Numbers("zone", 1.5)), "columns[zone][0]"),
        ["huge number for a category"] = (() => Changed(request => request.Columns[1] = Numbers("zone", 1e300)), "columns[zone][0]"),
        ["infinity for a category"] = (() => Changed(request => request.Columns[1] = Numbers("zone", double.PositiveInfinity)), "columns[zone][0]"),
        ["NUL in a category"] = (() => Changed(request => request.Columns[1] = Texts("zone", "a\0b")), "columns[zone][0]"),
        ["long category"] = (() => Changed(request => request.Columns[1] = Texts("zone", new string('z', 10_000))), "columns[zone][0]"),
        ["long column name"] = (() => Changed(request => request.Columns.Add(Numbers(new string('n', 10_000), 1))), "must be an input"),
        ["many unknown columns"] = (() => Changed(request => request.Columns.AddRange(Enumerable.Range(0, 5000).Select(i => Numbers($"x{i}", 1)))), "columns[x0]"),
        ["slash in the id"] = (() => Requests.Trips(id: "a/b"), "id"),
        ["NUL in the id"] = (() => Requests.Trips(id: "a\0b"), "id"),
        ["long id"] = (() => Requests.Trips(id: new string('i', 10_000)), "id"),
        ["two event times for one row"] = (() => Changed(request => request.EventTimesMs.AddRange([1L, 2L])), "event_times_ms"),
        ["event time out of the calendar"] = (() => Changed(request => request.EventTimesMs.Add(long.MaxValue)), "event_times_ms[0]"),
        ["negative event time"] = (() => Changed(request => request.EventTimesMs.Add(long.MinValue)), "event_times_ms[0]"),
        ["odd endpoint"] = (() => Requests.Trips(endpoint: "a\"b'\0/c"), "endpoint"),
        ["no endpoint"] = (() => Requests.Trips(endpoint: ""), "endpoint"),
    };

    [Fact]
    public async Task A_broken_rule_is_named_and_nothing_is_served()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        foreach (var (name, (request, named)) in Cases)
        {
            var fault = await Assert.ThrowsAsync<RpcException>(async () => await stage.Host.Calls.PredictAsync(request()));
            Assert.True(fault.StatusCode == StatusCode.InvalidArgument, $"{name}: {fault.Status}");
            Assert.True(fault.Status.Detail.Contains(named, StringComparison.Ordinal), $"{name}: {fault.Status.Detail}");
            Assert.True(fault.Status.Detail.Length < 5000, $"{name}: {fault.Status.Detail.Length} characters of fault.");
        }

        Assert.Equal(0, (await stage.Host.Calls.GetCaptureStatusAsync(new() { Endpoint = "trips-live" })).CapturedRows);
        Assert.Equal(1, (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version);
    }

    [Fact]
    public async Task An_unknown_endpoint_is_not_found_in_every_call()
    {
        await using var stage = await Stage.StartAsync();
        var calls = stage.Host.Calls;
        Func<Task>[] all =
        [
            async () => await calls.PredictAsync(Requests.Trips(endpoint: "nobody")),
            async () => await calls.GetEndpointAsync(new() { Name = "nobody" }),
            async () => await calls.SetShadowsAsync(new() { Name = "nobody" }),
            async () => await calls.DeleteEndpointAsync(new() { Name = "nobody" }),
            async () => await calls.ListDeploymentsAsync(new() { Endpoint = "nobody" }),
            async () => await calls.GetCaptureStatusAsync(new() { Endpoint = "nobody" }),
        ];

        foreach (var call in all)
        {
            Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"columns":5}""")]
    [InlineData("""{"columns":[{"name":"distance","doubles":{"values":["far"]}}]}""")]
    [InlineData("""{"columns":[{"name":"distance","doubles":{"values":[null]}}]}""")]
    [InlineData("""{"columns":[null]}""")]
    [InlineData("""{"columns":[{"name":null}]}""")]
    [InlineData("""{"columns":[{"name":"distance","doubles":{"values":["Infinity"]}},{"name":"zone","int64s":{"values":[1]}}]}""")]
    [InlineData("""{"columns":[{"name":"distance","doubles":{"values":[1]}},{"name":"zone","int64s":{"values":[1.5]}}]}""")]
    [InlineData("""{"columns":[{"name":"distance","doubles":{"values":[1]}},{"name":"zone","int64s":{"values":[99999999999999999999]}}]}""")]
    [InlineData("""{"columns":[{"name":"distance","doubles":{"values":[1]}},{"name":"zone","strings":{"values":["\ud800"]}}]}""")]
    [InlineData("""{"eventTimesMs":["x"]}""")]
    [InlineData("""{"id":"a/b","columns":[{"name":"distance","doubles":{"values":[1]}},{"name":"zone","int64s":{"values":[1]}}]}""")]
    public async Task Malformed_json_is_the_callers_fault(string body)
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        using var answer = await PostAsync(stage, body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Json_answers_as_grpc_does_and_knows_missing_numbers()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        using var answer = await PostAsync(
            stage, """{"id":"j","columns":[{"name":"distance","doubles":{"values":[2.5,"NaN"]}},{"name":"zone","strings":{"values":["7",""]}}]}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var response = PredictResponse.Parser.ParseJson(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("j", 1), (response.Id, response.Version));
        Assert.Equal([ModelFiles.Expected(1, 2.5, 7), ModelFiles.Expected(1, 0, -1)], response.Predictions);
    }

    private static async Task<HttpResponseMessage> PostAsync(Stage stage, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await stage.Host.Http.PostAsync("/api/inference/v1/endpoints/trips-live:predict", content, TestContext.Current.CancellationToken);
    }

    private static PredictRequest Changed(Action<PredictRequest> change)
    {
        var request = Requests.Trips();
        change(request);
        return request;
    }

    private static InputColumn Numbers(string name, params double[] values) => new() { Name = name, Doubles = new Doubles { Values = { values } } };

    private static InputColumn Texts(string name, params string[] values) => new() { Name = name, Strings = new Strings { Values = { values } } };
}
