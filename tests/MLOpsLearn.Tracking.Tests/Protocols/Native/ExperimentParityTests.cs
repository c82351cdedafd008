using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Protocols.Native;

/// <summary>What MLflow's calls do to experiments, the native calls do too, with the same result.</summary>
public sealed class ExperimentParityTests(MLflowServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task An_experiment_lives_the_same_life(string database)
    {
        var client = await servers.ClientAsync(database);
        var native = client.App.Client;
        var (name, renamed) = (MLflowClient.NewName(), MLflowClient.NewName());
        var made = await native.CreateExperimentAsync(
            new CreateExperimentRequest { RequestId = TrackingApp.NewId(), Name = name, ArtifactLocation = "s3://bucket/x", Tags = { ["a"] = "1" } }, cancellationToken: Cancel);
        var id = made.ExperimentId;
        var run = await native.CreateRunAsync(new CreateRunRequest { ExperimentId = id }, cancellationToken: Cancel);

        Assert.Equal(("s3://bucket/x", $"s3://bucket/x/{run.RunId}/artifacts"), ((string)(await ThereAsync(client, id))["artifact_location"]!, run.ArtifactUri));
        await TrackingApp.FailsAsync(StatusCode.AlreadyExists, native.CreateExperimentAsync(new CreateExperimentRequest { Name = name }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.CreateExperimentAsync(new CreateExperimentRequest { Name = "x", ArtifactLocation = "runs:/1/x" }, cancellationToken: Cancel));
        foreach (var location in new[] { "models/here", "/models/here", "file:///models/here" })
        {
            var here = await native.CreateExperimentAsync(new CreateExperimentRequest { Name = MLflowClient.NewName(), ArtifactLocation = location }, cancellationToken: Cancel);
            var other = (string)(await client.PostAsync("experiments/create", new { name = MLflowClient.NewName(), artifact_location = location }))["experiment_id"]!;
            Assert.Equal((string)(await client.GetAsync($"experiments/get?experiment_id={other}"))["experiment"]!["artifact_location"]!, here.ArtifactLocation);
        }

        Assert.Equal(renamed, (await native.UpdateExperimentAsync(new UpdateExperimentRequest { ExperimentId = id, Name = renamed }, cancellationToken: Cancel)).Name);
        await native.SetExperimentTagAsync(new SetExperimentTagRequest { ExperimentId = id, Key = "b", Value = "2" }, cancellationToken: Cancel);
        await native.DeleteExperimentTagAsync(new DeleteExperimentTagRequest { ExperimentId = id, Key = "a" }, cancellationToken: Cancel);
        await TrackingApp.FailsAsync(StatusCode.NotFound, native.DeleteExperimentTagAsync(new DeleteExperimentTagRequest { ExperimentId = id, Key = "a" }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.NotFound, native.RestoreExperimentAsync(new RestoreExperimentRequest { ExperimentId = id }, cancellationToken: Cancel));
        var there = await ThereAsync(client, id);
        Assert.Equal((renamed, """[{"key":"b","value":"2"}]"""), ((string)there["name"]!, there["tags"]!.ToJsonString()));

        await native.DeleteExperimentAsync(new DeleteExperimentRequest { ExperimentId = id }, cancellationToken: Cancel);
        Assert.Equal("deleted", (string)(await ThereAsync(client, id))["lifecycle_stage"]!);
        Assert.True((await native.GetRunAsync(new GetRunRequest { RunId = run.RunId }, cancellationToken: Cancel)).Deleted);
        await TrackingApp.FailsAsync(StatusCode.FailedPrecondition, native.CreateRunAsync(new CreateRunRequest { ExperimentId = id }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.FailedPrecondition, native.UpdateExperimentAsync(new UpdateExperimentRequest { ExperimentId = id, Name = name }, cancellationToken: Cancel));
        await TrackingApp.FailsAsync(StatusCode.NotFound, native.DeleteExperimentAsync(new DeleteExperimentRequest { ExperimentId = id }, cancellationToken: Cancel));
        Assert.False((await native.RestoreExperimentAsync(new RestoreExperimentRequest { ExperimentId = id }, cancellationToken: Cancel)).Deleted);

        await native.DeleteExperimentAsync(new DeleteExperimentRequest { ExperimentId = id, Permanent = true }, cancellationToken: Cancel);
        await client.GetRefusedAsync($"experiments/get?experiment_id={id}", "RESOURCE_DOES_NOT_EXIST", 404);
        await native.CreateExperimentAsync(new CreateExperimentRequest { Name = renamed }, cancellationToken: Cancel);
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, native.DeleteExperimentAsync(new DeleteExperimentRequest { Permanent = true }, cancellationToken: Cancel));
    }

    [Theory]
    [MemberData(nameof(MLflowServers.Databases), MemberType = typeof(MLflowServers))]
    public async Task A_search_finds_and_orders_the_same_experiments(string database)
    {
        var client = await servers.ClientAsync(database);
        var prefix = MLflowClient.NewName("find");
        foreach (var (name, team) in new[] { ("a", "x"), ("b", "y"), ("c", "x") })
        {
            await client.App.Client.CreateExperimentAsync(new CreateExperimentRequest { Name = $"{prefix}{name}", Tags = { ["team"] = team } }, cancellationToken: Cancel);
        }

        var third = (await client.App.Client.ListExperimentsAsync(new ListExperimentsRequest { Name = prefix + "c" }, cancellationToken: Cancel)).Experiments[0];
        await client.App.Client.DeleteExperimentAsync(new DeleteExperimentRequest { ExperimentId = third.ExperimentId }, cancellationToken: Cancel);
        foreach (var (filter, view, viewThere) in new[]
        {
            ($"name LIKE '{prefix}%'", LifecycleView.Unspecified, "ACTIVE_ONLY"), ($"name LIKE '{prefix}%' AND tags.team = 'x'", LifecycleView.All, "ALL"),
            ($"name LIKE '{prefix}%' AND tags.team != 'x'", LifecycleView.Active, "ACTIVE_ONLY"), ($"name ILIKE '{prefix.ToUpperInvariant()}%'", LifecycleView.Deleted, "DELETED_ONLY"),
        })
        {
            var there = (await client.PostAsync("experiments/search", new { filter, view_type = viewThere, order_by = new[] { "name DESC" } }))["experiments"]!.AsArray();
            var here = new List<Experiment>();
            var request = new SearchExperimentsRequest { Filter = filter, View = view, OrderBy = { "name DESC" }, PageSize = 1 };
            do
            {
                var page = await client.App.Client.SearchExperimentsAsync(request, cancellationToken: Cancel);
                here.AddRange(page.Experiments);
                request.PageToken = page.NextPageToken;
            }
            while (request.PageToken.Length > 0);

            Assert.NotEmpty(here);
            Assert.Equal(there.Select(experiment => (string)experiment!["experiment_id"]!), here.Select(experiment => $"{experiment.ExperimentId}"));
        }

        var refused = await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.SearchExperimentsAsync(new SearchExperimentsRequest { Filter = "size = 1" }, cancellationToken: Cancel));
        Assert.Contains(await client.RefusedAsync("experiments/search", new { filter = "size = 1" }), refused.Status.Detail, StringComparison.Ordinal);
        await TrackingApp.FailsAsync(StatusCode.InvalidArgument, client.App.Client.SearchExperimentsAsync(new SearchExperimentsRequest { View = (LifecycleView)9 }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Of_two_servers_on_one_database_one_makes_an_experiment_and_the_other_learns_of_it()
    {
        var database = await servers.DatabaseAsync("postgres");
        await using var first = await TrackingApp.StartAsync(connectionString: database);
        await using var second = await TrackingApp.StartAsync(connectionString: database);
        for (var round = 0; round < 10; round++)
        {
            var (name, id) = (MLflowClient.NewName(), TrackingApp.NewId());
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            {
                var app = i % 4 < 2 ? first : second;
                if (i % 2 == 1)
                {
                    using var answer = await app.Http.PostAsJsonAsync("/api/2.0/mlflow/experiments/create", new { name }, Cancel);
                    return $"{(int)answer.StatusCode}";
                }

                try
                {
                    // These are one call that is repeated.
                    await app.Client.CreateExperimentAsync(new CreateExperimentRequest { RequestId = id, Name = name }, cancellationToken: Cancel);
                    return "OK";
                }
                catch (RpcException exception)
                {
                    return $"{exception.StatusCode}";
                }
            }));

            Assert.Contains(answers, answer => answer is "OK" or "200");
            Assert.All(answers, answer => Assert.Contains(answer, (string[])["OK", "AlreadyExists", "Unavailable", "200", "400"]));
            Assert.Single((await first.Client.SearchExperimentsAsync(new SearchExperimentsRequest { Filter = $"name = '{name}'" }, cancellationToken: Cancel)).Experiments);
        }
    }

    [Fact]
    public async Task Json_reaches_the_same_calls_and_names_the_field_that_is_wrong()
    {
        var client = await servers.ClientAsync("sqlite");
        var http = client.Http;
        var made = await (await http.PostAsJsonAsync("/api/tracking/v1/experiments", new { name = MLflowClient.NewName() }, Cancel)).Content.ReadFromJsonAsync<JsonNode>(Cancel);
        var id = $"{made!["experimentId"]}";
        async Task<HttpStatusCode> SendAsync(HttpMethod method, string path, object? body = null)
        {
            using var request = new HttpRequestMessage(method, $"/api/tracking/v1/{path}") { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await http.SendAsync(request, Cancel);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Patch, $"experiments/{id}", new { name = MLflowClient.NewName() }));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Post, $"experiments/{id}:set-tag", new { key = "k", value = "v" }));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, $"experiments:search?filter={Uri.EscapeDataString("tags.k = 'v'")}&orderBy=name&view=LIFECYCLE_VIEW_ALL"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, $"runs:count?experimentIds={id}"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, $"datasets:search?experimentIds={id}"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Get, $"logged-models:search?experimentIds={id}"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Delete, $"experiments/{id}"));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Post, $"experiments/{id}:restore", new { }));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(HttpMethod.Delete, $"experiments/{id}?permanent=true"));
        Assert.Equal(HttpStatusCode.NotFound, await SendAsync(HttpMethod.Get, $"experiments/{id}"));
        var refused = await (await http.GetAsync("/api/tracking/v1/metric-histories?key=&maxPoints=-1", Cancel)).Content.ReadAsStringAsync(Cancel);
        Assert.All(["\"field\":\"key\"", "\"field\":\"max_points\"", "\"field\":\"run_ids\""], field => Assert.Contains(field, refused.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    private static async Task<JsonNode> ThereAsync(MLflowClient client, long id) => (await client.GetAsync($"experiments/get?experiment_id={id}"))["experiment"]!;
}
