using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Jobs;

/// <summary>How many jobs wait, for how long, and how many run.</summary>
internal sealed class QueueSample(TrainingDbContext db, TimeProvider time) : ISample
{
    private const int MostCounted = 10_000;

    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        var waiting = db.Jobs.AsNoTracking().Where(job => job.State == JobState.Queued).OrderBy(job => job.Id);
        var oldest = await waiting.Select(job => (DateTimeOffset?)job.CreateTime).FirstOrDefaultAsync(cancellationToken);
        var depth = oldest is null ? 0 : await waiting.Take(MostCounted).CountAsync(cancellationToken);
        var running = await db.Jobs.Where(job => job.State == JobState.Running).Take(MostCounted).CountAsync(cancellationToken);
        TrainingTelemetry.Queue(depth, oldest is { } since ? time.GetUtcNow() - since : TimeSpan.Zero, running);
    }
}
