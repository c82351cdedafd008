using Aspire.Hosting;
using Aspire.Hosting.Engine;
using Npgsql;

namespace MLOpsLearn.Tracking.Tests.Data;

/// <summary>A private PostgreSQL for the tests; started when the first test asks for it.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private DistributedApplication? _app;
    private string? _server;

    /// <summary>The connection string of a new, empty database; null for "sqlite". Skips the test where there is no PostgreSQL to start.</summary>
    public async Task<string?> DatabaseAsync(string kind)
    {
        if (kind == "sqlite")
        {
            return null;
        }

        Assert.SkipWhen(Programs.Find("postgres") is null, "skipped: install the servers with deploy/local/install.sh");
        var cancel = TestContext.Current.CancellationToken;
        await _starting.WaitAsync(cancel);
        try
        {
            _server ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }

        var name = $"tracking_{Guid.NewGuid():N}";
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync(cancel);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(cancel);
        return new NpgsqlConnectionStringBuilder(_server) { Database = name, Pooling = true, MaxPoolSize = 40 }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
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
        var postgres = builder.AddPostgres("postgres");
        _app = builder.Build();
        var states = _app.ResourceNotifications;
        await _app.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.EndsAsync(states.WaitForResourceHealthyAsync("postgres", TestContext.Current.CancellationToken), () => states.TryGet("postgres"));
        return new NpgsqlConnectionStringBuilder(_app.Engine.Model.ConnectionString(postgres.Resource)) { Database = "postgres" }.ConnectionString;
    }
}
