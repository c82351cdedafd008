using System.Data.Common;
using System.Net.Sockets;

namespace MLOpsLearn.Contracts.Errors;

/// <summary>Tells faults that pass by themselves, such as a database that restarts, from those that stay.</summary>
public static class PassingFaults
{
    /// <summary>Whether the same may succeed in a moment: the database can't be reached, ends, begins, or has no room for another connection.</summary>
    public static bool IsPassing(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException or DbException { IsTransient: true })
            {
                return true;
            }
        }

        return false;
    }
}
