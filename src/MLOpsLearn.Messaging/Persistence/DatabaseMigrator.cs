using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using Npgsql;

namespace MLOpsLearn.Messaging.Persistence;

/// <summary>
/// Brings a module's database up to this build before the host takes traffic. Waits for a server that is not there yet; of replicas that start
/// together, one migrates and the others wait for it.
/// </summary>
internal sealed partial class DatabaseMigrator<TContext>(
    IServiceScopeFactory scopes, ModuleName<TContext> module, TimeProvider time, ILogger<DatabaseMigrator<TContext>> logger) : IHostedService where TContext : DbContext
{
    /// <summary>Any number, the same in every build: advisory locks belong to their database.</summary>
    private const long MigrationLock = 0x4D4C4F70734C65;
    private const string NoSuchDatabase = "3D000";
    private const string DatabaseExists = "42P04";
    private const string UniqueViolation = "23505";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (IsPassing(exception) && !cancellationToken.IsCancellationRequested)
            {
                Log.Waiting(logger, module.Value, tries, exception.GetBaseException().Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<TContext>().Database;
        await using var migrating = database.GetDbConnection() is NpgsqlConnection connection ? await LockAsync(database, connection, cancellationToken) : null;
        var known = database.GetMigrations().ToHashSet();
        var applied = (await database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (applied.FirstOrDefault(migration => !known.Contains(migration)) is { } newer)
        {
            throw new NewerDatabaseException(typeof(TContext).Name, newer);
        }

        if (applied.Count < known.Count)
        {
            Log.Migrating(logger, module.Value, known.Count - applied.Count);
            await database.MigrateAsync(cancellationToken);
        }
    }

    /// <summary>A session that holds the lock until it is disposed of; its end, in whatever way, frees the lock.</summary>
    private static async Task<NpgsqlConnection> LockAsync(DatabaseFacade database, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var creator = database.GetService<IRelationalDatabaseCreator>();
        if (!await creator.ExistsAsync(cancellationToken))
        {
            await creator.CreateAsync(cancellationToken);
        }

        var session = connection.CloneWith(new NpgsqlConnectionStringBuilder(database.GetConnectionString()) { Pooling = false }.ConnectionString);
        try
        {
            await session.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", session) { CommandTimeout = 0, Parameters = { new() { Value = MigrationLock } } };
            await command.ExecuteNonQueryAsync(cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whoever sets the server up, or another replica, may be making the database at this moment.</summary>
    private static bool IsPassing(Exception exception) =>
        PassingFaults.IsPassing(exception) || exception is PostgresException { SqlState: NoSuchDatabase or DatabaseExists or UniqueViolation };

    private static partial class Log
    {
        [LoggerMessage(1071, LogLevel.Warning, "The database of {Module} can't be reached yet, try {Try}; the service waits for it. {Cause}")]
        public static partial void Waiting(ILogger logger, string module, int @try, string cause);

        [LoggerMessage(1072, LogLevel.Information, "The database of {Module} gets {Count} migrations.")]
        public static partial void Migrating(ILogger logger, string module, int count);
    }
}
