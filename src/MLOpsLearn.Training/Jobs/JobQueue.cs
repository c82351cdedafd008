using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Gives each job to one owner at a time.</summary>
internal sealed class JobQueue(TrainingDbContext db, JobLedger ledger, JobOwner owner, TimeProvider time, IOptions<TrainingOptions> options)
{
    private const int Candidates = 16;

    /// <summary>
    /// Claims the oldest job that waits, or one whose owner is gone. Two that want the same job both change its revision: one of them fails to
    /// save, looks again and finds it taken.
    /// </summary>
    public async Task<ClaimedJob?> ClaimAsync(CancellationToken cancellationToken)
    {
        var candidates = await db.Jobs.AsNoTracking()
            .Where(job => job.State == JobState.Queued || job.State == JobState.Running)
            .OrderBy(job => job.Id)
            .Select(job => new { job.Id, job.State, job.LeaseOwner, job.LeaseUntil })
            .Take(Candidates * options.Value.MaxConcurrency)
            .ToListAsync(cancellationToken);
        foreach (var candidate in candidates.Where(job => IsFree(job.State, job.LeaseOwner, job.LeaseUntil)))
        {
            var token = JobToken.Create();
            var claimed = false;
            var job = await ledger.ChangeAsync(
                candidate.Id,
                job =>
                {
                    claimed = false;
                    if (!IsFree(job.State, job.LeaseOwner, job.LeaseUntil))
                    {
                        return false;
                    }

                    if (job.TrainedModel is null && job.Attempt >= TrainingJob.MostAttempts)
                    {
                        job.Fail($"Given up after {job.Attempt} attempts that this service did not outlive. {job.Message}", time.GetUtcNow());
                        return true;
                    }

                    job.Claim(owner.Name, JobToken.Hash(token), time.GetUtcNow(), options.Value.Lease);
                    return claimed = true;
                },
                cancellationToken);
            if (claimed)
            {
                return new ClaimedJob(job, token);
            }
        }

        return null;
    }

    private bool IsFree(JobState state, string? leaseOwner, DateTimeOffset? leaseUntil) => state switch
    {
        JobState.Queued => true,
        JobState.Running => leaseUntil is not { } until || until <= time.GetUtcNow() || (leaseOwner is { } name && owner.IsDead(name)),
        _ => false,
    };
}

/// <summary>A job that is ours for now, with the secret of its attempt.</summary>
internal sealed record ClaimedJob(TrainingJob Job, string Token);
