using MassTransit;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Retraining;

/// <summary>
/// Hears of alerts. The decision itself is kept once by its key, so the inbox only saves looking again; when monitoring can't be asked the
/// message is tried again, and after that the reconciler finds the alert.
/// </summary>
internal sealed class AlertChangedConsumer(TrainingDbContext db, RetrainDecider decider, TimeProvider time) : IConsumer<AlertChanged>
{
    public const string Queue = "training.alert-changed";

    public async Task Consume(ConsumeContext<AlertChanged> context)
    {
        if (AlertSignal.From(context.Message) is not { } alert || !await db.TryBeginAsync(Queue, context, time, context.CancellationToken))
        {
            return;
        }

        db.ChangeTracker.Clear();
        await decider.DecideAsync(alert, context.CancellationToken);
        db.ChangeTracker.Clear();
        if (await db.TryBeginAsync(Queue, context, time, context.CancellationToken))
        {
            await db.SaveChangesAsync(context.CancellationToken);
        }
    }
}
