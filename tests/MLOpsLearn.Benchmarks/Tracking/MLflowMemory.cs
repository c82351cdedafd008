using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>How much memory a server takes while a hundred clients log: the server alone, in a process of its own.</summary>
internal static class MLflowMemory
{
    /// <summary>What the child process is started with.</summary>
    public const string ServerCommand = "mlflow-server";

    private const int Clients = 100;
    private const int BatchesEach = 40;
    private const int MostMegabytes = 400;

    /// <param name="given">See <see cref="BenchmarkDatabase"/>.</param>
    public static async Task<int> RunAsync(string? given)
    {
        await using var database = await BenchmarkDatabase.OpenAsync(given);
        var start = new ProcessStartInfo(Environment.ProcessPath!, [ServerCommand, database.Folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = database.Folder,
        };
        // A connection string may hold a password: not for the list of processes.
        start.Environment["ConnectionStrings__tracking"] = database.ConnectionString;
        using var server = Process.Start(start)!;
        long most;
        try
        {
            most = await MeasureAsync(server, (await server.StandardOutput.ReadLineAsync())!);
        }
        finally
        {
            server.StandardInput.Close();
            await server.WaitForExitAsync();
        }

        var verdict = most < MostMegabytes ? "reached: " : "FALLS SHORT of ";
        Console.WriteLine($"{Clients} clients logging, {Clients * BatchesEach * 1000:N0} points: the server alone takes {most:N0} MB at most  {verdict}below {MostMegabytes} MB");
        return most < MostMegabytes ? 0 : 1;
    }

    /// <summary>Tracking until its input ends.</summary>
    public static async Task<int> ServeAsync(string folder)
    {
        var app = TrackingSpeed.Build(folder, Environment.GetEnvironmentVariable("ConnectionStrings__tracking")!);
        await app.StartAsync();
        await Console.Out.WriteLineAsync(app.Urls.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        return 0;
    }

    private static async Task<long> MeasureAsync(Process server, string address)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var client = new BenchmarkClient(http);
        using var done = new CancellationTokenSource();
        var watching = WatchAsync(server, done.Token);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            var run = await client.CreateRunAsync();
            for (var i = 0; i < BatchesEach; i++)
            {
                await client.LogBatchAsync(run, i * 1000, 1000);
                await client.LogAsync(run, (i + 1) * 1000);
            }
        }));
        await done.CancelAsync();
        return await watching / 1024 / 1024;
    }

    private static async Task<long> WatchAsync(Process server, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var most = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                server.Refresh();
                most = Math.Max(most, server.WorkingSet64);
            }
        }
        catch (OperationCanceledException)
        {
            // Everything is logged.
        }

        return most;
    }
}

/// <summary>What a client of MLflow's API sends.</summary>
internal sealed class BenchmarkClient(HttpClient http)
{
    public async Task<byte[]> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("/api/2.0/mlflow/" + path, content);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    public Task<byte[]> GetAsync(string pathAndQuery) => http.GetByteArrayAsync("/api/2.0/mlflow/" + pathAndQuery);

    public async Task<string> CreateRunAsync()
    {
        using var answer = System.Text.Json.JsonDocument.Parse(await PostAsync("runs/create", """{"experiment_id": "0"}"""));
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
}
