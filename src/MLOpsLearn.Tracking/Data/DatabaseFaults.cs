using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace MLOpsLearn.Tracking.Data;

/// <summary>Tells the faults of a database that are nobody's mistake from the others.</summary>
internal static class DatabaseFaults
{
    private const int SqliteFull = 13;

    /// <summary>Its disk has no room; nothing of what was being written is kept.</summary>
    public static bool IsFull(DbException exception) =>
        exception is SqliteException { SqliteErrorCode: SqliteFull } or PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    /// <summary>It can't be reached now, or is going down.</summary>
    public static bool IsAway(DbException exception) =>
        exception is NpgsqlException { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CannotConnectNow };
}
