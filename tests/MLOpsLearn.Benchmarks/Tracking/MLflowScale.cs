using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>
/// What must not grow with what is stored: a page of a million runs, a chart of a million points, the cost of a write from an empty store to
/// many points, memory while a hundred clients log.
/// </summary>
internal static class MLflowScale
{
    private const int Runs = 1_000_000;
    private const int ChartPoints = 1_000_000;
    private const int Clients = 100;

    // The rows are made in the database itself: through the front door they would take hours.
    private const string Numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {0}) ";

    /// <param name="points">Up to how many points the cost of a write is looked at.</param>
    /// <param name="connectionString">An empty database; a fresh SQLite file when it is null.</param>
    public static async Task<int> RunAsync(long points, string? connectionString)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-benchmark").FullName;
        connectionString ??= $"Data Source={Path.Combine(folder, "tracking.db")}";
        var app = TrackingSpeed.Build(folder, connectionString);
        await app.StartAsync();
        using (var http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) })
        await using (var connection = Connect(connectionString))
        {
            await connection.OpenAsync();
            await WritesAsync(http, connection, points);
            await ChartAsync(http, connection);
            await PagesAsync(http, connection);
            await MemoryAsync(http);
        }

        await app.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task WritesAsync(HttpClient http, DbConnection connection, long points)
    {
        var run = await CreateRunAsync(http);
        await WriteAsync(http, run, 0, 500);
        Console.WriteLine($"log-metric into an empty store    {await WriteAsync(http, run, 500, 3000),8:N3} ms of processor a call");
        const long Piece = 1_000_000;
        for (var stored = 0L; stored < points; stored += Piece)
        {
            // Each million belongs to a thousand runs of their own, as a store grows.
            await ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, Numbers, Piece) + string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO metric_points SELECT {1_000_000_000 + (stored / 1000)} + i / 1000, 1, i, i, i * 0.5, {(connection is NpgsqlConnection ? "false" : "0")} FROM n"));
            if ((stored + Piece) % Math.Max(Piece, points / 5) == 0)
            {
                Console.WriteLine($"log-metric beside {stored + Piece,14:N0} {await WriteAsync(http, run, 10_000 + (int)(stored / Piece * 4000), 3000),8:N3} ms of processor a call");
            }
        }
    }

    private static async Task ChartAsync(HttpClient http, DbConnection connection)
    {
        var run = await CreateRunAsync(http);
        await WriteAsync(http, run, 1, 1);
        await ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, Numbers, ChartPoints) + string.Create(
            CultureInfo.InvariantCulture,
            $"""
            INSERT INTO metric_points SELECT (SELECT run_key FROM runs WHERE run_id = '{run}'), (SELECT id FROM metric_keys WHERE name = 'loss'), i + 1, i, i * 0.5,
            {(connection is NpgsqlConnection ? "false" : "0")} FROM n
            """));
        await ExecuteAsync(connection, "ANALYZE");
        await TimeAsync($"chart of {ChartPoints:N0} points", () => http.GetByteArrayAsync($"/api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids={run}&metric_key=loss"));
    }

    private static async Task PagesAsync(HttpClient http, DbConnection connection)
    {
        await ExecuteAsync(connection, string.Format(CultureInfo.InvariantCulture, Numbers, Runs) +
            """
            INSERT INTO runs (run_id, experiment_id, workspace, name, status, start_ms, user_id, artifact_uri)
            SELECT 'f' || substr('0000000000000000000000000000000' || i, -31), 0, 'default', 'run ' || i, 2, i, 'u', 'mlflow-artifacts:/0/x/artifacts' FROM n
            """.Replace("substr('0000000000000000000000000000000' || i, -31)", connection is NpgsqlConnection ? "lpad(i::text, 31, '0')" : "substr('0000000000000000000000000000000' || i, -31)", StringComparison.Ordinal));
        await ExecuteAsync(connection, "ANALYZE");
        foreach (var (what, body) in new[]
        {
            ("first page of 1,000,000 runs", """{"experiment_ids": ["0"], "max_results": 100}"""),
            ("from the middle, by start time", """{"experiment_ids": ["0"], "max_results": 100, "filter": "attributes.start_time < 500000"}"""),
        })
        {
            await TimeAsync(what, () => PostAsync(http, "runs/search", body));
        }
    }

    private static async Task MemoryAsync(HttpClient http)
    {
        var most = 0L;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var run = await CreateRunAsync(http);
            for (var i = 0; i < 20; i++)
            {
                var text = new StringBuilder($$"""{"run_id": "{{run}}", "metrics": [""");
                text.AppendJoin(',', Enumerable.Range(i * 1000, 1000).Select(step => $$"""{"key": "loss", "value": {{step}}, "timestamp": {{step}}, "step": {{step}}}"""));
                await PostAsync(http, "runs/log-batch", text.Append("]}").ToString());
                most = Math.Max(most, Environment.WorkingSet);
            }
        }));
        Console.WriteLine($"{Clients} clients logging          {most / 1024 / 1024,8:N0} MB at most, clients included");
    }

    private static DbConnection Connect(string connectionString) =>
        connectionString.TrimStart().StartsWith("Data Source", StringComparison.OrdinalIgnoreCase) ? new SqliteConnection(connectionString) : new NpgsqlConnection(connectionString);

    private static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 1800;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> CreateRunAsync(HttpClient http)
    {
        using var answer = System.Text.Json.JsonDocument.Parse(await PostAsync(http, "runs/create", """{"experiment_id": "0"}"""));
        return answer.RootElement.GetProperty("run").GetProperty("info").GetProperty("run_id").GetString()!;
    }

    /// <summary>Milliseconds of processor a call, of client and server together.</summary>
    private static async Task<double> WriteAsync(HttpClient http, string run, int first, int calls)
    {
        var processor = Environment.CpuUsage.TotalTime;
        for (var step = first; step < first + calls; step++)
        {
            await PostAsync(http, "runs/log-metric", string.Create(CultureInfo.InvariantCulture, $$"""{"run_id": "{{run}}", "key": "loss", "value": {{step}}, "timestamp": {{step}}, "step": {{step}}}"""));
        }

        return (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / calls;
    }

    private static async Task<byte[]> PostAsync(HttpClient http, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("/api/2.0/mlflow/" + path, content);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    private static async Task TimeAsync(string what, Func<Task> call)
    {
        await call();
        var times = new List<double>();
        for (var i = 0; i < 9; i++)
        {
            var watch = Stopwatch.StartNew();
            await call();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        Console.WriteLine($"{what,-33} {times.Order().ElementAt(times.Count / 2),8:N1} ms");
    }
}
