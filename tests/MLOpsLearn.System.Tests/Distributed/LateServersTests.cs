using System.Text.Json;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>Servers that come late, and a cache that never comes.</summary>
[Collection("processes")]
public sealed class LateServersTests
{
    [Fact]
    public async Task Services_that_start_before_their_servers_wait_and_the_loop_closes_without_the_cache()
    {
        ServerSet.SkipWithoutServers();
        await using var servers = new ServerSet();
        await using var services = await FiveServices.StartAsync(servers);
        await Eventually.TrueAsync(
            Patience.Wait,
            () => FiveServices.Names.All(service => services.Log(service).Contains($"The database of {service} can't be reached yet", StringComparison.Ordinal)),
            "Not every service said that it waits for its database.");

        await servers.StartAsync(FiveServices.Names, withCache: false);
        await services.HealthyAsync();
        var (exitCode, output, errors) = await services.DemoAsync();

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("closed").GetBoolean());
        Assert.All(FiveServices.Names, service => Assert.Equal(0, services.Restarts(service)));
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(services.Http("training"), "metrics"), TestContext.Current.CancellationToken);
        Assert.Contains("The shared cache is away", services.Log("training"), StringComparison.Ordinal);
        Assert.Matches(@"(?m)^mlopslearn_cache_connected\S* 0", metrics);
    }
}
