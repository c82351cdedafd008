using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>
/// MLflow's REST API as its clients use it, over one connection on loopback. The figure of the genuine server, measured on such a machine,
/// stands beside each line, and how many times that is.
/// </summary>
internal static class MLflowSpeed
{
    private const int SearchedRuns = 10_000;
    private const int HistoryPoints = 100_000;

    /// <param name="given">See <see cref="BenchmarkDatabase"/>.</param>
    public static async Task<int> RunAsync(string? given)
    {
        await using var database = await BenchmarkDatabase.OpenAsync(given);
        var app = TrackingSpeed.Build(database.Folder, database.ConnectionString);
        await app.StartAsync();
        using (var client = new Caller(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()))
        {
            await MeasureAsync(client);
        }

        await app.StopAsync();
        await app.DisposeAsync();
        return 0;
    }

    private static async Task MeasureAsync(Caller client)
    {
        var name = Guid.NewGuid().ToString("N");
        var experiment = (await client.PostAsync("experiments/create", $$"""{"name": "{{name}}"}""")).GetProperty("experiment_id").GetString()!;
        var run = await client.CreateRunAsync(experiment, 0);
        await RateAsync("log-metric", "calls/s", 53, 1, 500, 5000, i => client.PostAsync(
            "runs/log-metric", string.Create(CultureInfo.InvariantCulture, $$"""{"run_id": "{{run}}", "run_uuid": "{{run}}", "key": "loss", "value": {{i * 0.5}}, "timestamp": {{1_700_000_000_000 + i}}, "step": {{i}}}""")));
        foreach (var connections in new[] { 8, 32 })
        {
            var runs = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => client.CreateRunAsync(experiment, 0)));
            var callsEach = 6000 / connections;
            await RateAsync($"log-metric, {connections} connections", "calls/s", 53, callsEach * connections, 1, 2, round => Task.WhenAll(runs.Select(async own =>
            {
                for (var i = 0; i < callsEach; i++)
                {
                    var step = (round * callsEach) + i;
                    await client.PostAsync("runs/log-metric", string.Create(
                        CultureInfo.InvariantCulture, $$"""{"run_id": "{{own}}", "key": "loss", "value": {{step * 0.5}}, "timestamp": {{1_700_000_000_000 + step}}, "step": {{step}}}"""));
                }
            })), callsEach * connections);
        }

        await RateAsync("runs/create", "calls/s", 31, 1, 300, 3000, i => client.PostAsync("runs/create", Caller.RunBody("0", i)));
        await RateAsync("log-batch of 1,000", "points/s", 5500, 1000, 20, 200, i => client.PostAsync("runs/log-batch", Batch(run, "many", i)));
        await RateAsync("runs/get", "calls/s", 125, 1, 300, 3000, _ => client.GetAsync($"runs/get?run_id={run}"));
        await HistoryAsync(client, experiment);
        await SearchAsync(client);
    }

    private static async Task HistoryAsync(Caller client, string experiment)
    {
        var run = await client.CreateRunAsync(experiment, 0);
        for (var i = 0; i < HistoryPoints / 1000; i++)
        {
            await client.PostAsync("runs/log-batch", Batch(run, "long", i));
        }

        await TimeAsync("history of 100,000 points", 5400, async () =>
        {
            var token = "";
            do
            {
                var page = await client.GetAsync($"metrics/get-history?run_id={run}&metric_key=long&max_results=25000&page_token={token}");
                token = page.TryGetProperty("next_page_token", out var next) ? next.GetString()! : "";
            }
            while (token.Length > 0);
        });
    }

    private static async Task SearchAsync(Caller client)
    {
        var experiment = (await client.PostAsync("experiments/create", $$"""{"name": "{{Guid.NewGuid():N}}"}""")).GetProperty("experiment_id").GetString()!;
        await Parallel.ForEachAsync(Enumerable.Range(0, SearchedRuns), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, _) =>
        {
            var id = await client.CreateRunAsync(experiment, i);
            await client.PostAsync("runs/log-batch", RunData(id, i));
        });
        var ids = $"\"experiment_ids\": [\"{experiment}\"]";
        await TimeAsync("search, first 100", 57, () => client.PostAsync("runs/search", $$"""{{{ids}}, "max_results": 100}"""));
        await TimeAsync("search, filter and order", 1140, () => client.PostAsync(
            "runs/search", $$"""{{{ids}}, "max_results": 100, "filter": "metrics.m1 > 0.2 AND params.p1 = 'v3'", "order_by": ["metrics.m2 DESC"]}"""));
        await TimeAsync("search, metric filter, order", 1140, () => client.PostAsync(
            "runs/search", $$"""{{{ids}}, "max_results": 100, "filter": "metrics.m1 > 0.2", "order_by": ["metrics.m2 DESC"]}"""));
        await TimeAsync("search, all pages of 1,000", 6800, async () =>
        {
            var token = "";
            do
            {
                var page = await client.PostAsync("runs/search", $$"""{{{ids}}, "max_results": 1000, "page_token": "{{token}}"}""");
                token = page.TryGetProperty("next_page_token", out var next) ? next.GetString()! : "";
            }
            while (token.Length > 0);
        });
    }

    /// <summary>Five metrics and five params.</summary>
    private static string RunData(string run, int i)
    {
        var metrics = Enumerable.Range(0, 5).Select(m => new { key = $"m{m}", value = i * (m + 7) % 1000 / 1000.0, timestamp = 1, step = 0 });
        var parameters = Enumerable.Range(0, 5).Select(p => new { key = $"p{p}", value = $"v{(i + p) % 10}" });
        return JsonSerializer.Serialize(new { run_id = run, metrics, @params = parameters });
    }

    private static string Batch(string run, string key, int number)
    {
        var text = new StringBuilder($$"""{"run_id": "{{run}}", "metrics": [""");
        for (var i = 0; i < 1000; i++)
        {
            var step = (number * 1000L) + i;
            text.Append(CultureInfo.InvariantCulture, $$"""{{(i == 0 ? "" : ",")}}{"key": "{{key}}", "value": {{step * 0.37}}, "timestamp": {{1_700_000_000_000 + step}}, "step": {{step}}}""");
        }

        return text.Append("]}").ToString();
    }

    private static async Task RateAsync(string what, string unit, double genuine, int perCall, int warmUp, int calls, Func<int, Task> call, int requestsEach = 1)
    {
        for (var i = 0; i < warmUp; i++)
        {
            await call(i);
        }

        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        for (var i = warmUp; i < warmUp + calls; i++)
        {
            await call(i);
        }

        var rate = calls * perCall / watch.Elapsed.TotalSeconds;
        processor = Environment.CpuUsage.TotalTime - processor;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-30}{rate,12:N0} {unit,-10}{rate / genuine,6:N0} times the original's {genuine:N0}; {processor.TotalMilliseconds / calls / requestsEach:N3} ms of processor a call, client and server"));
    }

    private static async Task TimeAsync(string what, double genuineMs, Func<Task> call)
    {
        await call();
        var processor = Environment.CpuUsage.TotalTime;
        var times = new List<double>();
        for (var i = 0; i < 7; i++)
        {
            var watch = Stopwatch.StartNew();
            await call();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        processor = Environment.CpuUsage.TotalTime - processor;
        var median = times.Order().ElementAt(times.Count / 2);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-30}{median,12:N1} ms        {genuineMs / median,6:N0} times faster than the original's {genuineMs:N0} ms; {processor.TotalMilliseconds / times.Count:N1} ms of processor, client and server"));
    }

    /// <summary>A client that keeps its connection and reads its answers whole.</summary>
    private sealed class Caller(string address) : IDisposable
    {
        private static readonly MediaTypeHeaderValue Json = new("application/json");
        private readonly HttpClient _http = new() { BaseAddress = new Uri(address) };

        public static string RunBody(string experiment, int number) => string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"experiment_id": "{{experiment}}", "user_id": "u", "run_name": "run {{number}}", "start_time": {{1_700_000_000_000 + number}},
            "tags": [{"key": "mlflow.user", "value": "u"}, {"key": "mlflow.source.name", "value": "train.py"}, {"key": "mlflow.source.type", "value": "LOCAL"}]}
            """);

        public async Task<string> CreateRunAsync(string experiment, int number) =>
            (await PostAsync("runs/create", RunBody(experiment, number))).GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;

        public async Task<JsonElement> PostAsync(string path, string body)
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.ContentType = Json;
            using var response = await _http.PostAsync("/api/2.0/mlflow/" + path, content);
            return await ReadAsync(response);
        }

        public async Task<JsonElement> GetAsync(string path)
        {
            using var response = await _http.GetAsync("/api/2.0/mlflow/" + path);
            return await ReadAsync(response);
        }

        public void Dispose() => _http.Dispose();

        private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
        {
            var body = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
            // Large answers are not parsed but for their token: the client is not what is measured.
            if (body.Length < 10_000)
            {
                return JsonDocument.Parse(body).RootElement;
            }

            var token = body.AsSpan().LastIndexOf("\"next_page_token\""u8);
            return token < 0 ? JsonDocument.Parse("{}").RootElement : JsonDocument.Parse("{" + Encoding.UTF8.GetString(body.AsSpan(token))).RootElement;
        }
    }
}
