using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;
using MLOpsLearn.Tracking.Garbage;

namespace MLOpsLearn.Tracking.Retention;

/// <summary>Marks the runs deleted that no policy keeps, and says what may be collected of those that were deleted before.</summary>
internal sealed class RunRetention(RetentionPolicies policies, TrackingDatabase database, WriteQueue queue)
{
    // Others write between two pieces.
    private const int RunsPerPiece = 100;

    /// <summary>Adds what went, or would go, to the answer.</summary>
    /// <returns>What is to be collected now.</returns>
    public async Task<List<GarbageScope>> ApplyAsync(
        CollectGarbageRequest request, CollectGarbageResponse answer, IReadOnlyCollection<string> registered, long nowMs, CancellationToken cancellationToken)
    {
        var under = await policies.ReadAsync(request.ExperimentIds, cancellationToken);
        var list = database.Dialect.List(registered);
        foreach (var (experiment, policy) in under.Where(entry => entry.Policy.MaxAgeDays is not null))
        {
            await ExpireAsync(experiment, policy, list, nowMs, request.DryRun, answer, cancellationToken);
        }

        return [.. under.Where(entry => entry.Policy.DeletedDays is not null).GroupBy(entry => entry.Policy.DeletedDays!.Value)
            .Select(group => new GarbageScope(nowMs, TimeSpan.FromDays(group.Key), [.. group.Select(entry => entry.ExperimentId)], registered))];
    }

    private async Task ExpireAsync(
        long experiment, RetentionPolicy policy, object registered, long nowMs, bool isDry, CollectGarbageResponse answer, CancellationToken cancellationToken)
    {
        var after = 0L;
        List<ExpiredRun> piece;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Found and marked in one transaction: what was logged meanwhile counts.
            piece = isDry
                ? await database.ReadAsync(session => ExpiredRuns.FindAsync(session, experiment, policy, registered, nowMs, after, RunsPerPiece), cancellationToken)
                : await queue.RunAsync(
                    async session =>
                    {
                        var found = await ExpiredRuns.FindAsync(session, experiment, policy, registered, nowMs, after, RunsPerPiece);
                        await ExpiredRuns.DeleteAsync(session, found, nowMs);
                        return found;
                    },
                    cancellationToken);
            foreach (var run in piece)
            {
                answer.Expired++;
                answer.List(run.RunId, experiment, isForGood: false, policy.ReasonFor(ExpiredRuns.DaysSince(run, nowMs)));
                after = run.Key;
            }
        }
        while (piece.Count == RunsPerPiece);
    }
}
