using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Deployments;

/// <summary>Coming up again.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Endpoints_serve_from_the_cache_when_nobody_else_answers()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync(shadows: 2);
        await stage.Host.Calls.PredictAsync(Requests.Trips());
        var before = (await stage.Host.Calls.ListDeploymentsAsync(new() { Endpoint = "trips-live" })).Deployments;
        await stage.Platform.DisposeAsync();

        await stage.RestartAsync();

        var answer = await stage.Host.Calls.PredictAsync(Requests.Trips(rows: 3));
        Assert.Equal(1, answer.Version);
        Assert.Equal([Requests.Expected(1, 0), Requests.Expected(1, 1), Requests.Expected(1, 2)], answer.Predictions);
        Assert.Equal(
            before.Select(deployment => deployment.DeploymentId),
            (await stage.Host.Calls.ListDeploymentsAsync(new() { Endpoint = "trips-live" })).Deployments.Select(deployment => deployment.DeploymentId));
    }

    [Fact]
    public async Task A_cached_file_that_rotted_is_fetched_again()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();

        await stage.RestartAsync(whileDown: () =>
        {
            var file = Assert.Single(Directory.GetFiles(stage.ModelFolder));
            File.WriteAllBytes(file, ModelFiles.Version(2));
        });

        Assert.Equal([Requests.Expected(1, 0)], (await stage.Host.Calls.PredictAsync(Requests.Trips())).Predictions);
    }

    [Fact]
    public async Task A_shadow_that_is_lost_does_not_keep_its_endpoint_down()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync(shadows: 2);

        await stage.RestartAsync(whileDown: () =>
        {
            stage.Registry.Files.TryRemove("run2/model/model.bin", out _);
            foreach (var file in Directory.GetFiles(stage.ModelFolder).Where(file => !File.ReadAllBytes(file).AsSpan().SequenceEqual(ModelFiles.Version(1))))
            {
                File.Delete(file);
            }
        });

        Assert.Equal(1, (await stage.Host.Calls.PredictAsync(Requests.Trips())).Version);
        Assert.Contains("shadow", (await stage.Host.Calls.GetEndpointAsync(new() { Name = "trips-live" })).Fault, StringComparison.Ordinal);
    }
}
