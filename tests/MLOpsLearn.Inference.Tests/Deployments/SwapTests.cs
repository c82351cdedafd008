using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Deployments;

/// <summary>Following an alias while requests come.</summary>
public sealed class SwapTests
{
    [Fact]
    public async Task Every_answer_under_load_is_of_one_version_and_none_fails()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => PredictUntilAsync(stage.Host, stop.Token)).ToList();

        foreach (var version in new[] { 2, 3, 1 })
        {
            await stage.Host.PromoteAsync(stage.Platform, version);
            await Eventually.HoldsAsync(
                async () => (await stage.Host.Calls.GetEndpointAsync(new() { Name = "trips-live" })).Version == version, $"version {version} serves");
            await stage.Host.Calls.PredictAsync(Requests.Trips());
        }

        await stop.CancelAsync();
        var versions = (await Task.WhenAll(callers)).SelectMany(seen => seen).ToHashSet();

        Assert.Superset(new HashSet<int> { 1, 2, 3 }, versions);
        var deployments = (await stage.Host.Calls.ListDeploymentsAsync(new() { Endpoint = "trips-live" })).Deployments;
        Assert.Equal([(1, 3), (3, 2), (2, 1), (1, 0)], deployments.Select(deployment => (deployment.Version, deployment.PreviousVersion)));
    }

    [Fact]
    public async Task The_first_answer_of_a_version_is_told_once()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await stage.Host.Calls.PredictAsync(Requests.Trips())));
        await Eventually.HoldsAsync(() => stage.Host.Received.Deployments.Count >= 2, "both events came");
        await stage.RestartAsync();
        await stage.Host.Calls.PredictAsync(Requests.Trips());
        await stage.Host.PromoteAsync(stage.Platform, 2);
        await Eventually.HoldsAsync(() => stage.Host.Received.Deployments.Any(told => told.Version == 2), "version 2 serves");

        var told = stage.Host.Received.Deployments.Where(told => told.Version == 1).ToList();
        Assert.Equal(2, told.Count);
        Assert.Null(told[0].FirstResponseTime);
        Assert.True(told[1].FirstResponseTime >= told[1].SwapTime);
        Assert.Equal(told[0].DeploymentId, told[1].DeploymentId);
    }

    [Fact]
    public async Task A_file_that_differs_from_its_digest_leaves_the_earlier_version_in_service()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        stage.Registry.Add(4, ModelFiles.Version(4), registered: ModelFiles.Version(5));

        await stage.Host.PromoteAsync(stage.Platform, 4);
        await Eventually.HoldsAsync(async () => (await stage.Host.Calls.GetEndpointAsync(new() { Name = "trips-live" })).Fault.Length > 0, "the fault is shown");

        var endpoint = await stage.Host.Calls.GetEndpointAsync(new() { Name = "trips-live" });
        Assert.Equal(1, endpoint.Version);
        Assert.Contains("digest", endpoint.Fault, StringComparison.Ordinal);
        Assert.Equal(1, (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version);

        await stage.Host.PromoteAsync(stage.Platform, 2);
        await Eventually.HoldsAsync(async () => (await stage.Host.Calls.GetEndpointAsync(new() { Name = "trips-live" })).Fault.Length == 0, "the fault is gone");
        Assert.Equal(2, (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version);
    }

    [Fact]
    public async Task An_alias_that_moved_without_an_event_is_followed()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        stage.Registry.Point(3);

        await Eventually.HoldsAsync(async () => (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version == 3, "version 3 serves");
    }

    [Fact]
    public async Task Shadows_set_during_promotions_never_bring_an_earlier_version_back()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        for (var round = 0; round < 10; round++)
        {
            var version = 2 + (round % 2);
            var promoting = stage.Host.PromoteAsync(stage.Platform, version);
            await stage.Host.Calls.SetShadowsAsync(new() { Name = "trips-live", ShadowVersions = { 1 } });
            await promoting;
            await Eventually.HoldsAsync(async () => (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version == version, $"version {version} serves");
        }

        var deployments = (await stage.Host.Calls.ListDeploymentsAsync(new() { Endpoint = "trips-live" })).Deployments;
        Assert.Equal(11, deployments.Count);
        Assert.All(deployments, deployment => Assert.NotEqual(deployment.Version, deployment.PreviousVersion));
    }

    private static async Task<HashSet<int>> PredictUntilAsync(InferenceHost host, CancellationToken stop)
    {
        var versions = new HashSet<int>();
        while (!stop.IsCancellationRequested)
        {
            var answer = await host.Calls.PredictAsync(Requests.Trips(rows: 50), cancellationToken: CancellationToken.None);
            Assert.Equal(Enumerable.Range(0, 50).Select(row => Requests.Expected(answer.Version, row)), answer.Predictions);
            versions.Add(answer.Version);
        }

        return versions;
    }
}
