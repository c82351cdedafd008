using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>Adds requests to the index: there may be as many as rows, when each row is a request of its own.</summary>
internal static class RequestInsert
{
    /// <summary>Within the caller's transaction; on PostgreSQL at once, as columns in one statement, else with the context's next save.</summary>
    public static async Task AddRequestsAsync(this MonitoringDbContext context, string endpoint, List<StoredRequest> requests, CancellationToken cancellationToken)
    {
        if (requests.Count == 0)
        {
            return;
        }

        if (!context.Database.IsNpgsql())
        {
            context.Requests.AddRange(requests);
            return;
        }

        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO requests ("Endpoint", "PredictionId", "FirstRow", "Rows", "FirstOrdinal", "FirstEventMs", "LastEventMs", "ContentHash")
            SELECT {endpoint}, * FROM unnest(
                {Column(requests, request => request.PredictionId)}, {Column(requests, request => request.FirstRow)}, {Column(requests, request => request.Rows)},
                {Column(requests, request => request.FirstOrdinal)}, {Column(requests, request => request.FirstEventMs)}, {Column(requests, request => request.LastEventMs)},
                {Column(requests, request => request.ContentHash)})
            """,
            cancellationToken);
    }

    private static T[] Column<T>(List<StoredRequest> requests, Func<StoredRequest, T> value)
    {
        var column = new T[requests.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(requests[i]);
        }

        return column;
    }
}
