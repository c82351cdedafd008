using Aspire.Hosting;
using Aspire.Hosting.Engine;
using Npgsql;

[assembly: AssemblyFixture(typeof(MLOpsLearn.Messaging.Tests.DatabaseFixture))]

namespace MLOpsLearn.Messaging.Tests;

/// <summary>A private PostgreSQL of its own for the tests; started when the first test asks for it.</summary>
public sealed class DatabaseFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private DistributedApplication? _app;
    private string? _connectionString;
    private int _databases;

    /// <summary>Makes an empty database; skips the test where there is no server to start.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        Assert.SkipWhen(Programs.Find("postgres") is null, "skipped: install the servers with deploy/local/install.sh");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _connectionString ??= await StartAsync();
            var name = $"test{++_databases}";
            await using var connection = new NpgsqlConnection(_connectionString);
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            return new NpgsqlConnectionStringBuilder(_connectionString) { Database = name }.ConnectionString;
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        _starting.Dispose();
    }

    private async Task<string> StartAsync()
    {
        var builder = DistributedApplication.CreateBuilder(["--ephemeral"]);
        var database = builder.AddPostgres("postgres").AddDatabase("tests");
        _app = builder.Build();
        var states = _app.ResourceNotifications;
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.EndsAsync(states.WaitForResourceHealthyAsync("tests", TestContext.Current.CancellationToken), () => states.TryGet("tests"));
        return _app.Engine.Model.ConnectionString(database.Resource);
    }
}
