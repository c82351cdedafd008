using System.Text.Json;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>What five processes tell of themselves while the loop closes once.</summary>
[Collection("processes")]
public sealed class TelemetryTests
{
    [Fact]
    public async Task The_metrics_are_those_that_are_documented()
    {
        ServerSet.SkipWithoutServers();
        await using var collector = await OtlpReceiver.StartAsync();
        await using var servers = new ServerSet();
        await servers.StartAsync(FiveServices.Names);
        await using var services = await FiveServices.StartAsync(servers, collector.Environment);
        await services.HealthyAsync();

        var (exitCode, output, errors) = await services.DemoAsync();

        Assert.True(exitCode == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("closed").GetBoolean());
        await AssertDocumentedAsync(services);
    }

    private static async Task AssertDocumentedAsync(FiveServices services)
    {
        // Gauges of what is stored are taken every 10 s.
        await Task.Delay(TimeSpan.FromSeconds(11), TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        var answers = await Task.WhenAll(FiveServices.Names.Append("gateway").Select(service => http.GetStringAsync(new Uri(services.Http(service), "metrics"), TestContext.Current.CancellationToken)));
        var emitted = ListedMetric.FromAnswers(answers).Select(metric => metric.ToString()).Order(StringComparer.Ordinal).ToList();
        var documented = ListedMetric.FromDocumentation().Select(metric => metric.ToString()).Order(StringComparer.Ordinal).ToList();

        Assert.True(
            documented.SequenceEqual(emitted),
            $"Only in docs/metrics.md: {string.Join("; ", documented.Except(emitted))}. Only at /metrics: {string.Join("; ", emitted.Except(documented))}.");
        Assert.All(answers, answer => Assert.Contains("http_server_request_duration_seconds", answer, StringComparison.Ordinal));
    }
}
