using Grpc.Core;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Endpoints;

/// <summary>Making, showing and removing endpoints.</summary>
public sealed class EndpointTests
{
    [Fact]
    public async Task A_repeated_create_gets_its_first_answer_even_when_the_model_is_gone()
    {
        await using var stage = await Stage.StartAsync();
        var request = new CreateEndpointRequest { RequestId = Guid.CreateVersion7().ToString(), Name = "trips-live", Model = FakeRegistry.Model };

        var first = await stage.Host.Calls.CreateEndpointAsync(request);
        stage.Registry.Forget("champion");
        var again = await stage.Host.Calls.CreateEndpointAsync(request);

        Assert.Equal(first, again);
        Assert.Equal(1, first.Version);
        Assert.Equal("champion", first.Alias);
        Assert.Single((await stage.Host.Calls.ListDeploymentsAsync(new() { Endpoint = "trips-live" })).Deployments);
    }

    [Fact]
    public async Task Another_create_of_the_same_name_is_refused()
    {
        await using var stage = await Stage.StartAsync();
        var request = new CreateEndpointRequest { RequestId = Guid.CreateVersion7().ToString(), Name = "trips-live", Model = FakeRegistry.Model };
        await stage.Host.Calls.CreateEndpointAsync(request);

        var otherBody = await FailsAsync(stage, new(request) { ShadowVersions = { 2 } });
        var otherId = await FailsAsync(stage, new(request) { RequestId = Guid.CreateVersion7().ToString() });

        Assert.Equal((StatusCode.AlreadyExists, StatusCode.AlreadyExists), (otherBody.StatusCode, otherId.StatusCode));
    }

    [Theory]
    [InlineData("champion", 0, "digest")]
    [InlineData("nobody", 0, "nobody")]
    [InlineData("champion", 77, "77")]
    public async Task What_can_not_be_served_makes_no_endpoint(string alias, int shadow, string named)
    {
        await using var stage = await Stage.StartAsync();
        if (shadow == 0)
        {
            stage.Registry.Add(4, ModelFiles.Version(4), registered: ModelFiles.Version(5));
            stage.Registry.Point(4);
        }

        var fault = await FailsAsync(
            stage, new() { Name = "trips-live", Model = FakeRegistry.Model, Alias = alias, ShadowVersions = { shadow == 0 ? [] : new[] { shadow } } });

        Assert.Equal(StatusCode.FailedPrecondition, fault.StatusCode);
        Assert.Contains(named, fault.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await stage.Host.Calls.ListEndpointsAsync(new())).Endpoints);
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_is_no_fault_of_the_caller()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Platform.DisposeAsync();

        var fault = await FailsAsync(stage, new() { Name = "trips-live", Model = FakeRegistry.Model });

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
    }

    [Fact]
    public async Task Endpoints_are_listed_by_name_in_pages()
    {
        await using var stage = await Stage.StartAsync();
        foreach (var name in new[] { "c", "a", "b" })
        {
            await stage.Host.CreateAsync(name);
        }

        var first = await stage.Host.Calls.ListEndpointsAsync(new() { PageSize = 2 });
        var second = await stage.Host.Calls.ListEndpointsAsync(new() { PageSize = 2, PageToken = first.NextPageToken });

        Assert.Equal(["a", "b"], first.Endpoints.Select(endpoint => endpoint.Name));
        Assert.Equal(["c"], second.Endpoints.Select(endpoint => endpoint.Name));
        Assert.Empty(second.NextPageToken);
    }

    [Fact]
    public async Task A_deleted_endpoint_answers_no_more_and_its_name_is_free()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        await stage.Host.Calls.DeleteEndpointAsync(new() { Name = "trips-live" });

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await stage.Host.Calls.PredictAsync(Requests.Trips()));
        await stage.Host.CreateAsync();

        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
        Assert.Equal(1, (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version);
    }

    [Theory]
    [InlineData("", "trips", "name")]
    [InlineData("Trips", "trips", "name")]
    [InlineData("a/b", "trips", "name")]
    [InlineData("a\0", "trips", "name")]
    [InlineData("ok", "", "model")]
    [InlineData("ok", "a/b", "model")]
    public async Task A_name_that_breaks_a_rule_is_named(string name, string model, string field)
    {
        await using var stage = await Stage.StartAsync();

        var fault = await FailsAsync(stage, new() { Name = name, Model = model });

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.Contains(field, fault.Status.Detail, StringComparison.Ordinal);
    }

    private static Task<RpcException> FailsAsync(Stage stage, CreateEndpointRequest request) =>
        Assert.ThrowsAsync<RpcException>(async () => await stage.Host.Calls.CreateEndpointAsync(request));
}
