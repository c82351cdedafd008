using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MLOpsLearn.Tracking.Data;

/// <summary>Tells a key that another writer took first from every other failure to save.</summary>
internal static class UniqueKeys
{
    private const int SqliteConstraint = 19;

    public static bool IsTaken(DbUpdateException exception) => exception.InnerException
        is SqliteException { SqliteErrorCode: SqliteConstraint } or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}
