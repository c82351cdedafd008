using MLOpsLearn.Messaging.Idempotency;

namespace MLOpsLearn.Registry.Data;

/// <summary>Changes that are one transaction, whatever other writers do meanwhile.</summary>
internal static class RegistryTransactions
{
    private const int MostAttempts = 5;

    /// <summary>Runs <paramref name="work"/>, saves and commits; again from the start when another writer was at the same rows.</summary>
    public static async Task<T> InTransactionAsync<T>(
        this RegistryDbContext context, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                var result = await work(cancellationToken);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return result;
            }
            catch (Exception exception) when (attempt < MostAttempts && IdempotentCalls.IsConflict(exception))
            {
                context.ChangeTracker.Clear();
            }
        }
    }
}
