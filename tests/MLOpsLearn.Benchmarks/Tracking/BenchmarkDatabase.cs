using System.Data.Common;
using Aspire.Hosting;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MLOpsLearn.Benchmarks.Tracking;

/// <summary>
/// Where a benchmark of Tracking keeps its data: a fresh SQLite file; with "postgres" a PostgreSQL server of its own, as the AppHost starts
/// it; or the empty database of a connection string.
/// </summary>
internal sealed class BenchmarkDatabase : IAsyncDisposable
{
    private readonly DistributedApplication? _server;

    private BenchmarkDatabase(string folder, string connectionString, DistributedApplication? server) => (Folder, ConnectionString, _server) = (folder, connectionString, server);

    public string Folder { get; }

    public string ConnectionString { get; }

    public bool IsPostgres => !ConnectionString.TrimStart().StartsWith("Data Source", StringComparison.OrdinalIgnoreCase);

    public static async Task<BenchmarkDatabase> OpenAsync(string? given)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-benchmark").FullName;
        if (given != "postgres")
        {
            return new BenchmarkDatabase(folder, given ?? $"Data Source={Path.Combine(folder, "tracking.db")}", server: null);
        }

        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var database = builder.AddPostgres("postgres").AddDatabase("tracking");
        var server = builder.Build();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await server.StartAsync(limit.Token);
        await server.ResourceNotifications.WaitForResourceHealthyAsync("tracking", limit.Token);
        return new BenchmarkDatabase(folder, server.Engine.Model.ConnectionString(database.Resource), server);
    }

    /// <summary>The connection string of another empty database at the same place.</summary>
    public async Task<string> AnotherAsync()
    {
        if (!IsPostgres)
        {
            return $"Data Source={Path.Combine(Folder, "another.db")}";
        }

        var name = $"another_{Guid.NewGuid():N}";
        await using var connection = await ConnectAsync();
        await ExecuteAsync(connection, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    public async Task<DbConnection> ConnectAsync()
    {
        DbConnection connection = IsPostgres ? new NpgsqlConnection(ConnectionString) : new SqliteConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public static async Task ExecuteAsync(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 3600;
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.StopAsync();
            await _server.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }
}
