using System.Text.Json;

namespace MLOpsLearn.SystemTests.Distributed;

/// <summary>What five processes tell of themselves while the loop closes once.</summary>
[Collection("processes")]
public sealed class TelemetryTests
{
    [Fact]
    public async Task The_metrics_are_those_that_are_documented_and_one_trace_spans_all_five_services()
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
        await AssertOneTraceAsync(collector);
        await OutsideTrigger.AssertOneTraceAsync(servers, services, collector);
        var signals = from service in FiveServices.Names from signal in new[] { "traces", "metrics", "logs" } select $"v1/{signal}/{service}";
        Assert.Empty(signals.Except(collector.Signals));
    }

    /// <summary>From the window that raised the alert to the first answer of the version that it led to.</summary>
    private static async Task AssertOneTraceAsync(OtlpReceiver collector)
    {
        string[] way = ["monitoring evaluate window", "training decide on retraining", "training training job", "registry evaluate model version", "inference deploy version", "inference first answer"];
        List<ReceivedSpan> spans = [];
        await Eventually.TrueAsync(Patience.Wait, () =>
        {
            var traces = collector.Spans.GroupBy(span => span.TraceId).Where(trace => way.All(step => trace.Any(span => $"{span.Service} {span.Name}" == step)));
            spans = traces.FirstOrDefault()?.ToList() ?? [];
            return FiveServices.Names.All(service => spans.Any(span => span.Service == service));
        });

        var starts = way.Select(step => spans.Where(span => $"{span.Service} {span.Name}" == step).Min(span => span.Start)).ToList();
        Assert.Equal(starts.Order(), starts);
        // The tree is whole: one root, and every other span hangs below one that was received.
        var ids = spans.Select(span => span.SpanId).ToHashSet();
        Assert.Equal("evaluate window", Assert.Single(spans, span => span.ParentId.Length == 0).Name);
        Assert.Empty(spans.Where(span => span.ParentId.Length > 0 && !ids.Contains(span.ParentId)).Select(span => $"{span.Service} {span.Name}"));
        // What the child process did: its steps, and its calls to tracking and monitoring.
        var job = spans.First(span => span.Name == "training job");
        Assert.Equal(["step prepare", "step fit", "step evaluate", "step log", "step register", "step gate"], spans.Where(span => span.ParentId == job.SpanId && span.Name.StartsWith("step ", StringComparison.Ordinal)).OrderBy(span => span.Start).Select(span => span.Name));
        Assert.Contains(spans, span => span.Service == "tracking" && span.ParentId == job.SpanId);
        Assert.Contains(spans, span => span.Service == "monitoring" && span.ParentId == job.SpanId);
        // The request that was answered first is its caller's, and linked.
        Assert.NotEmpty(Assert.Single(spans, span => span.Name == "first answer").LinkedTraces);
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
