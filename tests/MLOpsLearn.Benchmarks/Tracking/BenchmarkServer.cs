using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>Tracking in this process, and a client of its MLflow API.</summary>
internal sealed class BenchmarkServer(WebApplication app, HttpClient http) : IAsyncDisposable
{
    public static async Task<BenchmarkServer> StartAsync(string folder, string connectionString)
    {
        var app = TrackingSpeed.Build(folder, connectionString);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new BenchmarkServer(app, new HttpClient { BaseAddress = new Uri(address) });
    }

    public async Task<byte[]> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("/api/2.0/mlflow/" + path, content);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    public Task<byte[]> GetAsync(string pathAndQuery) => http.GetByteArrayAsync("/api/2.0/mlflow/" + pathAndQuery);

    public async Task<string> CreateRunAsync()
    {
        using var answer = JsonDocument.Parse(await PostAsync("runs/create", """{"experiment_id": "0"}"""));
        return answer.RootElement.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
    }

    public Task LogAsync(string run, int step) => PostAsync("runs/log-metric", string.Create(
        CultureInfo.InvariantCulture, $$"""{"run_id": "{{run}}", "key": "loss", "value": {{step % 1000}}, "timestamp": {{step}}, "step": {{step}}}"""));

    public Task LogBatchAsync(string run, int first, int count)
    {
        var text = new StringBuilder($$"""{"run_id": "{{run}}", "metrics": [""");
        text.AppendJoin(',', Enumerable.Range(first, count).Select(step => $$"""{"key": "loss", "value": {{step}}, "timestamp": {{step}}, "step": {{step}}}"""));
        return PostAsync("runs/log-batch", text.Append("]}").ToString());
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
