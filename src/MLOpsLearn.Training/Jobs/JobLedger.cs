using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Jobs;

/// <summary>The one way to change a stored job: applies the change to its newest state, tells its end as an event, wakes its watchers.</summary>
internal sealed class JobLedger(TrainingDbContext db, JobChanges changes, TimeProvider time)
{
    private const int MostTries = 20;

    public Task<TrainingJob?> FindAsync(string jobId, CancellationToken cancellationToken) =>
        db.Jobs.AsNoTracking().FirstOrDefaultAsync(job => job.Id == jobId, cancellationToken);

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<TrainingJob> GetAsync(string jobId, CancellationToken cancellationToken) =>
        await FindAsync(jobId, cancellationToken) ?? throw RpcErrors.NotFound("job", jobId);

    /// <summary>
    /// Applies <paramref name="change"/> and saves. It may run more than once, each time on a fresh state, when others change the job too;
    /// when it returns false nothing is saved.
    /// </summary>
    /// <returns>The job as it is now.</returns>
    public async Task<TrainingJob> ChangeAsync(string jobId, Func<TrainingJob, bool> change, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            db.ChangeTracker.Clear();
            var job = await db.Jobs.FirstOrDefaultAsync(job => job.Id == jobId, cancellationToken) ?? throw RpcErrors.NotFound("job", jobId);
            var hadEnded = job.HasEnded;
            if (!change(job))
            {
                return job;
            }

            if (job.HasEnded && !hadEnded)
            {
                db.PublishOnSave(Completed(job), time);
            }

            try
            {
                await db.SaveChangesAsync(cancellationToken);
                changes.Notify(jobId);
                if (job.HasEnded && !hadEnded)
                {
                    TrainingTelemetry.Ended(job);
                }

                return job;
            }
            catch (DbUpdateConcurrencyException) when (tries < MostTries)
            {
            }
        }
    }

    private static TrainingCompleted Completed(TrainingJob job) => new(
        job.Workspace,
        job.Id,
        job.Pipeline,
        job.Model,
        JobStates.Word(job.State),
        job.RunId,
        job.ModelVersion,
        job.Outcome,
        job.OutcomeReason.Length > 0 ? job.OutcomeReason : job.Message,
        job.EndTime!.Value);
}
