using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Messaging.Outbox;

/// <summary>How many events of a module wait to be published, and for how long.</summary>
internal sealed class OutboxSample<TContext>(TContext context, ModuleName<TContext> module, TimeProvider time) : ISample where TContext : DbContext
{
    private const int MostCounted = 10_000;

    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        var waiting = context.Set<OutboxMessage>().AsNoTracking().OrderBy(message => message.Sequence);
        var oldest = await waiting.Select(message => (DateTimeOffset?)message.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        var pending = oldest is null ? 0 : await waiting.Take(MostCounted).CountAsync(cancellationToken);
        MessagingTelemetry.Outbox(module.Value, pending, oldest is { } since ? time.GetUtcNow() - since : TimeSpan.Zero);
    }
}
