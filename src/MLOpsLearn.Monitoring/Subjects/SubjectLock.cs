using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Monitoring.Data;

namespace MLOpsLearn.Monitoring.Subjects;

/// <summary>Whoever adds to what is stored of an endpoint comes one after the other: counters, ordinals and clock are read and written in one piece.</summary>
internal static class SubjectLock
{
    /// <summary>Waits for its turn within the caller's transaction and reads the subject then; null when nobody watches the endpoint.</summary>
    public static async Task<WatchedSubject?> LockSubjectAsync(this MonitoringDbContext context, string endpoint, CancellationToken cancellationToken)
    {
        // An update of nothing takes the row's lock in either database.
        await context.Subjects.Where(known => known.Endpoint == endpoint)
            .ExecuteUpdateAsync(update => update.SetProperty(known => known.StoredRows, known => known.StoredRows), cancellationToken);
        return await context.Subjects.FirstOrDefaultAsync(known => known.Endpoint == endpoint, cancellationToken);
    }
}
