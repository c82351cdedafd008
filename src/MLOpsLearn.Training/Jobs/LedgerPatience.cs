using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Training.Jobs;

/// <summary>The way of whoever holds a lease to the ledger.</summary>
internal static class LedgerPatience
{
    /// <summary>Bears a database that restarts for as long as the lease lasts: its worker goes on meanwhile.</summary>
    public static Task<TrainingJob> WithLedgerAsync(
        this IServiceScopeFactory scopes, Func<JobLedger, Task<TrainingJob>> work, TimeProvider time, TrainingOptions options, CancellationToken cancellationToken) =>
        time.WithPatienceAsync(
            options.Lease,
            async () =>
            {
                await using var scope = scopes.CreateAsyncScope();
                return await work(scope.ServiceProvider.GetRequiredService<JobLedger>());
            },
            cancellationToken);
}
