using Microsoft.AspNetCore.Builder;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>Tracking in this process, and a client of it.</summary>
internal sealed class BenchmarkServer(WebApplication app, HttpClient http) : IAsyncDisposable
{
    public BenchmarkClient Client { get; } = new(http);

    public static async Task<BenchmarkServer> StartAsync(string folder, string connectionString)
    {
        var app = TrackingSpeed.Build(folder, connectionString);
        await app.StartAsync();
        return new BenchmarkServer(app, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}
