using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using MLOpsLearn.Contracts.Errors;
using Npgsql;

namespace MLOpsLearn.Messaging.Persistence;

/// <summary>
/// When PostgreSQL has gone away, every connection in the pool is dead: the first that is found so takes the others with it, so that a restart
/// costs the calls that were under way and not one more for each connection.
/// </summary>
internal sealed class BrokenConnections : DbCommandInterceptor
{
    public override void CommandFailed(DbCommand command, CommandErrorEventData eventData) => Forget(command.Connection, eventData.Exception);

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Forget(command.Connection, eventData.Exception);
        return Task.CompletedTask;
    }

    private static void Forget(DbConnection? connection, Exception exception)
    {
        if (connection is NpgsqlConnection { FullState: System.Data.ConnectionState.Broken or System.Data.ConnectionState.Closed } broken && PassingFaults.IsPassing(exception))
        {
            NpgsqlConnection.ClearPool(broken);
        }
    }
}
