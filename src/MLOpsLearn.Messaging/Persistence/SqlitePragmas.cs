using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace MLOpsLearn.Messaging.Persistence;

/// <summary>
/// Sets each SQLite connection up: readers beside the one writer (WAL), waiting for it in the engine instead of failing,
/// and a sync at checkpoints only, which survives the death of the process.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    private const string Pragmas = "PRAGMA busy_timeout=15000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;";

    private static readonly object Mark = new();
    // A pooled connection keeps its handle and what was set on it; setting it up again would double the cost of a small query.
    private readonly ConditionalWeakTable<object, object> _ready = [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        if (!IsNew(connection))
        {
            return;
        }

        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
        MarkReady(connection);
    }

    public override async Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (!IsNew(connection))
        {
            return;
        }

        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
        MarkReady(connection);
    }

    private bool IsNew(DbConnection connection) =>
        connection is not SqliteConnection { Handle: { } handle } || !_ready.TryGetValue(handle, out _);

    private void MarkReady(DbConnection connection)
    {
        if (connection is SqliteConnection { Handle: { } handle })
        {
            _ready.AddOrUpdate(handle, Mark);
        }
    }
}
