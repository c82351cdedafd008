using System.Net;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Client;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.SystemTests;

/// <summary>What must hold when processes die and clients are careless or hostile.</summary>
[Collection("processes")]
public sealed class FaultTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("mlops-faults-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public async Task What_was_answered_is_there_after_a_kill()
    {
        var token = TestContext.Current.CancellationToken;
        string runId;
        await using (var server = await ServerUnderTest.StartAsync(_state))
        {
            var run = await server.Client.Tracking.CreateRunAsync(new CreateRunRequest { RequestId = MLOpsLearnClient.NewRequestId(), Name = "kept" }, cancellationToken: token);
            runId = run.RunId;
            await server.Client.Tracking.LogBatchAsync(
                new LogBatchRequest { RunId = runId, Metrics = { Enumerable.Range(0, 500).Select(step => new Metric { Key = "loss", Value = step, Step = step }) } }, cancellationToken: token);
            await server.Client.Monitoring.PutSubjectAsync(
                new PutSubjectRequest
                {
                    Endpoint = "kept",
                    Subject = new Subject { Model = "kept", Output = "y", WindowPeriod = WindowPeriod.Month, Columns = { new FeatureColumn { Name = "x", Kind = FeatureKind.Numeric } } },
                },
                cancellationToken: token);
            await server.Client.Monitoring.SubmitLabelsAsync(
                new SubmitLabelsRequest { Endpoint = "kept", ObservedAt = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch), Labels = { new LabelSet { PredictionId = "a", Values = { 1, 2, 3 } } } },
                cancellationToken: token);
            await server.KillAsync();
        }

        await using var again = await ServerUnderTest.StartAsync(_state);

        Assert.Equal(499, (await again.Client.Tracking.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: token)).Metrics.Single().Value);
        Assert.Equal(3, (await again.Client.Monitoring.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = "kept" }, cancellationToken: token)).StoredLabels);
    }

    [Fact]
    public async Task A_state_folder_serves_one_server_at_a_time()
    {
        await using var server = await ServerUnderTest.StartAsync(_state);
        var (http, grpc) = Mlops.FreePorts();

        var (exitCode, _, errors) = await Mlops.RunAsync("server", "--port", $"{http}", "--grpc-port", $"{grpc}", "--state", _state);

        Assert.Equal(2, exitCode);
        Assert.Contains("in use by another server", errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        await using var server = await ServerUnderTest.StartAsync(_state);

        var (exitCode, _, errors) = await Mlops.RunAsync("server", "--port", $"{server.Client.Server.Port}", "--state", Path.Combine(_state, "other"));

        Assert.Equal(2, exitCode);
        Assert.Contains("is in use", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    public async Task A_request_of_a_foreign_page_is_refused_on_every_method(string header, string value)
    {
        await using var server = await ServerUnderTest.StartAsync(_state);
        using var http = new HttpClient { BaseAddress = server.Client.Server };
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options })
        {
            using var request = new HttpRequestMessage(method, new Uri("/api/registry/v1/models", UriKind.Relative));
            request.Headers.TryAddWithoutValidation(header, value);
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Fact]
    public async Task Malformed_requests_never_give_a_500()
    {
        await using var server = await ServerUnderTest.StartAsync(_state);
        using var http = new HttpClient { BaseAddress = server.Client.Server };
        string[] names = ["a%2Fb", "..", "%00", new string('x', 10_000), "%22", "'; DROP TABLE models; --", "%F0%9F%9A%95", "-1", "NaN", "1e400"];
        string[] bodies = ["", "{", "[]", "null", "{\"name\":1}", "{\"name\":\"\\u0000\"}", "{\"requestId\":\"x\",\"name\":\"a\"}", "{\"name\":\"" + new string('x', 20_000) + "\"}", "{\"unknown\":1}"];
        var routes = new List<(HttpMethod Method, string Path)>();
        foreach (var name in names)
        {
            routes.AddRange([
                (HttpMethod.Get, $"/api/tracking/v1/experiments/{name}"), (HttpMethod.Get, $"/api/tracking/v1/runs/{name}"), (HttpMethod.Get, $"/api/tracking/v1/runs/{name}/artifacts/x"),
                (HttpMethod.Get, $"/api/registry/v1/models/{name}"), (HttpMethod.Get, $"/api/registry/v1/models/{name}/aliases/{name}/lineage"),
                (HttpMethod.Get, $"/api/training/v1/jobs/{name}"), (HttpMethod.Get, $"/api/inference/v1/endpoints/{name}"),
                (HttpMethod.Get, $"/api/monitoring/v1/subjects/{name}/windows"), (HttpMethod.Get, $"/api/monitoring/v1/alerts/{name}"), (HttpMethod.Get, $"/api/monitoring/v1/exports/{name}"),
                (HttpMethod.Get, $"/api/registry/v1/models?page_size={name}"), (HttpMethod.Get, $"/api/registry/v1/models?page_token={name}")]);
        }

        routes.AddRange([
            (HttpMethod.Post, "/api/tracking/v1/experiments"), (HttpMethod.Post, "/api/tracking/v1/runs"), (HttpMethod.Post, "/api/registry/v1/models"),
            (HttpMethod.Post, "/api/registry/v1/freezes"), (HttpMethod.Post, "/api/training/v1/jobs"), (HttpMethod.Put, "/api/training/v1/pipelines/x"),
            (HttpMethod.Post, "/api/inference/v1/endpoints"), (HttpMethod.Post, "/api/inference/v1/endpoints/x:predict"), (HttpMethod.Put, "/api/monitoring/v1/subjects/x"),
            (HttpMethod.Post, "/api/monitoring/v1/subjects/x/labels"), (HttpMethod.Post, "/api/monitoring/v1/subjects/x/predictions"), (HttpMethod.Put, "/api/monitoring/v1/subjects/x/monitors/y")]);
        var failures = new List<string>();
        foreach (var (method, path) in routes)
        {
            foreach (var body in method == HttpMethod.Get ? [""] : bodies)
            {
                using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
                if (method != HttpMethod.Get)
                {
                    request.Content = new StringContent(body, Encoding.UTF8, "application/json");
                }

                using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
                if ((int)response.StatusCode >= 500)
                {
                    failures.Add($"{method} {path[..Math.Min(path.Length, 80)]} {body[..Math.Min(body.Length, 40)]}: {(int)response.StatusCode}");
                }
            }
        }

        Assert.Empty(failures);
    }
}
