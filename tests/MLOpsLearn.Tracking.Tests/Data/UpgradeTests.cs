using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Tests.Protocols.MLflow;

namespace MLOpsLearn.Tracking.Tests.Data;

/// <summary>What a version before wrote is there after the upgrade, and goes on.</summary>
public sealed class UpgradeTests(MLflowServers servers)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite", "20261126043726_MetricOrder")]
    [InlineData("postgres", "20261126043732_MetricOrder")]
    public async Task Histories_of_the_version_before_are_charted_and_continued(string database, string before)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-tracking").FullName;
        var connectionString = await servers.DatabaseAsync(database);
        var run = new string('a', 32);
        await using (var context = Context(connectionString, folder))
        {
            await context.GetService<IMigrator>().MigrateAsync(before, Cancel);
            var sql =
                $"""
                INSERT INTO runs (run_key, run_id, experiment_id, workspace, name, status, start_ms, user_id, artifact_uri) VALUES (7, '{run}', 0, 'default', 'old', 1, 1, 'u', 'x');
                INSERT INTO params VALUES (7, 'p', '{new string('v', 300)}');
                INSERT INTO metric_keys (id, name) VALUES (3, 'm');
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 5999)
                INSERT INTO metric_points SELECT 7, 3, i * 2, i, i * 0.5, {(database == "sqlite" ? "0" : "false")} FROM n;
                INSERT INTO latest_metrics (run_key, key_id, step, time_ms, value, is_nan, in_order)
                VALUES (7, 3, 11998, 5999, 2999.5, {(database == "sqlite" ? "0, 1" : "false, true")});
                """;
            await context.Database.ExecuteSqlRawAsync(sql, Cancel);
        }

        SqliteConnection.ClearAllPools();
        await using var app = await TrackingApp.StartAsync(folder, connectionString);
        var client = new MLflowClient(app.Http) { App = app };
        async Task<List<long>> StepsAsync() => [.. (await client.GetAsync($"metrics/get-history-bulk-interval?run_ids={run}&metric_key=m&max_results=10"))["metrics"]!.AsArray()
            .Select(point => (long)point!["step"]!)];

        Assert.Equal([0, 1200, 2400, 3600, 4800, 6000, 7200, 8400, 9600, 10800, 11998], await StepsAsync());
        await client.PostAsync("runs/log-metric", new { run_id = run, key = "m", value = 1, timestamp = 6000, step = 12000 });
        Assert.Equal([0, 1200, 2400, 3600, 4800, 6000, 7200, 8400, 9600, 10800, 12000], await StepsAsync());
        Assert.Equal([run], await client.SearchAsync("0", $"params.p = '{new string('v', 300)}'", ["params.p DESC"]));
        Assert.Equal(12000, (long)(await client.RunAsync(run))["data"]!["metrics"]![0]!["step"]!);
    }

    private static TrackingDbContext Context(string? connectionString, string folder) => connectionString is null
        ? new SqliteTrackingDbContext(new DbContextOptionsBuilder<SqliteTrackingDbContext>().UseSqlite($"Data Source={Path.Combine(folder, "tracking.db")}").Options)
        : new PostgresTrackingDbContext(new DbContextOptionsBuilder<PostgresTrackingDbContext>().UseNpgsql(connectionString).Options);
}
