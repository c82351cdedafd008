using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Tracking.Search;
using MLOpsLearn.Tracking.Tests.Artifacts.Storage;
using MLOpsLearn.Tracking.Tests.Data;

[assembly: AssemblyFixture(typeof(MLOpsLearn.Tracking.Tests.Protocols.MLflow.MLflowServers))]

namespace MLOpsLearn.Tracking.Tests.Protocols.MLflow;

/// <summary>One server for each database and store of artifacts, shared by the tests: each test keeps to an experiment of its own.</summary>
public sealed class MLflowServers : IAsyncDisposable
{
    private readonly PostgresFixture _postgres = new();
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly Dictionary<(string Database, bool IsBucket), TrackingApp> _apps = [];

    /// <summary>The databases of every contract test.</summary>
    public static TheoryData<string> Databases => ["sqlite", "postgres"];

    /// <summary>The same, and each once more with searches that take every experiment for a large one.</summary>
    public static TheoryData<string> DatabasesOfAnySize => ["sqlite", "postgres", "sqlite, as if large", "postgres, as if large"];

    /// <summary>The connection string of a new database; null for SQLite.</summary>
    public Task<string?> DatabaseAsync(string database) => _postgres.DatabaseAsync(database.Split(',')[0]);

    internal async Task<MLflowClient> ClientAsync(string database, S3Server? s3 = null)
    {
        var kind = (database, s3 is not null);
        var connectionString = _apps.ContainsKey(kind) ? null : await DatabaseAsync(database);
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!_apps.TryGetValue(kind, out var app))
            {
                app = await TrackingApp.StartAsync(connectionString: connectionString, s3: s3, withRegistry: true, change: services =>
                    services.AddSingleton(database.Contains("large", StringComparison.Ordinal) ? new SearchLimits(0, 0) : SearchLimits.Default));
                _apps[kind] = app;
            }

            return new MLflowClient(app.Http) { App = app };
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps.Values)
        {
            await app.DisposeAsync();
        }

        await _postgres.DisposeAsync();
        _starting.Dispose();
    }
}
