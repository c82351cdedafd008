using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Deployments;

/// <summary>Two processes of the service on one database hear of the same alias at the same moment.</summary>
public sealed class ReplicaTests
{
    [Fact]
    public async Task A_promotion_that_both_hear_of_is_one_deployment_and_one_first_answer()
    {
        await using var stage = await Stage.StartAsync();
        await using var second = await stage.StartReplicaAsync();
        InferenceHost[] hosts = [stage.Host, second];
        await stage.Host.CreateAsync();
        await Eventually.HoldsAsync(async () => (await second.Calls.ListEndpointsAsync(new())).Endpoints.Count == 1, "the replica knows the endpoint");

        int[] versions = [2, 3, 2, 1, 3, 2, 1, 2, 3, 1];
        foreach (var version in versions)
        {
            stage.Registry.Point(version);
            var told = new ModelAliasChanged("default", FakeRegistry.Model, "champion", version, 0, "", "", TimeProvider.System.GetUtcNow());
            await Task.WhenAll(hosts.Select(host => host.Services.GetRequiredService<IBus>().Publish(told)));
            await Task.WhenAll(hosts.Select(host => Eventually.HoldsAsync(
                async () => (await host.Calls.GetEndpointAsync(new() { Name = "trips-live" })).Version == version, $"both serve version {version}")));
            await Task.WhenAll(hosts.Select(async host => Assert.Equal(version, (await host.Calls.PredictAsync(Requests.Trips())).Version)));
        }

        var deployments = (await stage.Host.Calls.ListDeploymentsAsync(new() { Endpoint = "trips-live" })).Deployments;
        Assert.Equal([.. versions.Reverse(), 1], deployments.Select(deployment => deployment.Version));
        var answered = deployments.Where(deployment => deployment.Version != 1 || deployment.PreviousVersion != 0).Select(deployment => deployment.DeploymentId).ToList();
        await Eventually.HoldsAsync(
            () => answered.All(id => stage.Host.Received.Deployments.Any(changed => changed.DeploymentId == id && changed.FirstResponseTime is not null)), "all first answers are told");

        // An event that went out twice is the same; two that were made are not.
        var events = stage.Host.Received.Deployments.Distinct().ToLookup(changed => changed.DeploymentId);
        Assert.All(answered, id => Assert.Equal([false, true], events[id].Select(changed => changed.FirstResponseTime is not null).Order()));
    }
}
