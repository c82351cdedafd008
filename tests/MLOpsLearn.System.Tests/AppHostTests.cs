using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Text.Json;

namespace MLOpsLearn.SystemTests;

/// <summary>The five services as processes of their own under the AppHost, with the real broker, cache and database.</summary>
[Collection("processes")]
public sealed class AppHostTests
{
    private const int GatewayPort = 5080;
    private static readonly string[] Services = ["Tracking", "Registry", "Training", "Inference", "Monitoring"];

    [Fact]
    public async Task The_loop_closes_over_five_processes_and_a_killed_AppHost_leaves_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "skipped: processes are looked up in /proc");
        Assert.SkipWhen(IsTaken(GatewayPort) || IsTaken(GatewayPort + 1), "skipped: the gateway's port is in use");
        var token = TestContext.Current.CancellationToken;
        using var appHost = Process.Start(new ProcessStartInfo(Mlops.BuiltProgram("MLOpsLearn.AppHost", "MLOpsLearn.AppHost"), ["--", "--ephemeral"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = appHost.StandardOutput.ReadToEndAsync(token);
        _ = appHost.StandardError.ReadToEndAsync(token);
        try
        {
            await HealthyAsync(appHost, output);
            var processes = DescendantsOf(appHost.Id);
            var hosts = Services.Select(service => processes.Single(process => process.Command.Contains($"MLOpsLearn.{service}.Host", StringComparison.Ordinal))).ToList();
            Assert.Equal(5, hosts.Select(host => host.Id).Distinct().Count());
            for (var i = 0; i < Services.Length; i++)
            {
                // Contracts of the others are shared; their modules are not.
                var loaded = File.ReadAllText($"/proc/{hosts[i].Id}/maps");
                Assert.All(Services.Where(other => other != Services[i]), other => Assert.DoesNotContain($"/MLOpsLearn.{other}.dll", loaded, StringComparison.Ordinal));
            }

            var (exitCode, result, errors) = await Mlops.RunAsync("demo", "--json", "--server", $"http://127.0.0.1:{GatewayPort}");

            Assert.True(exitCode == 0, errors);
            using var json = JsonDocument.Parse(result);
            Assert.True(json.RootElement.GetProperty("closed").GetBoolean());

            var left = DescendantsOf(appHost.Id);
            Assert.True(left.Count >= 9, $"{left.Count} processes");
            appHost.Kill();
            await GoneAsync(left);
        }
        finally
        {
            if (!appHost.HasExited)
            {
                appHost.Kill();
            }
        }
    }

    private static async Task HealthyAsync(Process appHost, Task<string> output)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{GatewayPort}"), Timeout = TimeSpan.FromSeconds(2) };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                // It is not there yet.
            }

            Assert.False(appHost.HasExited, appHost.HasExited ? await output : "");
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(90), "The gateway was not healthy in time.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static async Task GoneAsync(List<(int Id, string Command)> processes)
    {
        var started = Stopwatch.GetTimestamp();
        while (processes.Where(process => CommandOf(process.Id) == process.Command).ToList() is { Count: > 0 } alive)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), $"Orphans: {string.Join("; ", alive)}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static List<(int Id, string Command)> DescendantsOf(int root)
    {
        var parents = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, System.Globalization.CultureInfo.InvariantCulture))
            .Select(id => (Id: id, Parent: ParentOf(id))).ToList();
        var found = new List<int> { root };
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(parents.Where(process => process.Parent == found[i]).Select(process => process.Id));
        }

        return [.. found.Skip(1).Select(id => (id, CommandOf(id))).Where(process => process.Item2.Length > 0)];
    }

    private static int ParentOf(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Empty for a process that is gone, and for one that nobody has waited for yet.</summary>
    private static string CommandOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Replace('\0', ' ').Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static bool IsTaken(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);
}
