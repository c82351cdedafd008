using System.Text.Json;

namespace MLOpsLearn.SystemTests;

/// <summary>The five services as processes of their own under the AppHost, with the real broker, cache and database.</summary>
[Collection("processes")]
public sealed class AppHostTests
{
    [Fact]
    public async Task The_loop_closes_over_five_processes_and_a_killed_AppHost_leaves_none()
    {
        await using var appHost = await AppHostProcess.StartAsync();
        var hosts = AppHostProcess.Services.Select(service => Assert.Single(appHost.IdsOf(service))).ToList();
        Assert.Equal(5, hosts.Distinct().Count());
        AssertModules(hosts);

        var (exitCode, result, errors) = await Mlops.RunAsync("demo", "--json", "--server", $"{appHost.Http}", "--grpc", $"{appHost.Grpc}");

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(result);
        Assert.True(json.RootElement.GetProperty("closed").GetBoolean());
        AssertModules(hosts);
        var left = appHost.Processes;
        // Five services, the gateway, the three servers, and the broker's name daemon.
        Assert.True(left.Count >= 10, $"{left.Count} processes");
        Assert.Contains(left, process => process.Command.Contains("epmd", StringComparison.Ordinal));
        appHost.Kill();
        await ProcessTree.GoneAsync(left);
    }

    /// <summary>Contracts of the others are shared; their modules are not.</summary>
    private static void AssertModules(List<int> hosts)
    {
        foreach (var (own, host) in AppHostProcess.Services.Zip(hosts))
        {
            var loaded = File.ReadAllText($"/proc/{host}/maps");
            var modules = AppHostProcess.Services.Where(service => loaded.Contains($"/MLOpsLearn.{service}.dll", StringComparison.Ordinal));
            Assert.Equal(own, Assert.Single(modules));
        }
    }
}
