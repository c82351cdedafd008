using MassTransit;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Lineage;

/// <summary>Remembers how a job ended.</summary>
internal sealed class TrainingCompletedHandler(RegistryDbContext context, TimeProvider time) : IConsumer<TrainingCompleted>
{
    public async Task Consume(ConsumeContext<TrainingCompleted> message)
    {
        if (!await context.TryBeginAsync(nameof(TrainingCompletedHandler), message, time, message.CancellationToken))
        {
            return;
        }

        var completed = message.Message;
        var fact = await context.Jobs.FindAsync([completed.JobId], message.CancellationToken);
        if (fact is null)
        {
            context.Jobs.Add(new JobFact
            {
                JobId = completed.JobId,
                Workspace = completed.Workspace,
                Model = completed.Model,
                Pipeline = completed.Pipeline,
                State = completed.State,
                Time = completed.Time,
            });
        }
        else
        {
            (fact.Pipeline, fact.State, fact.Time) = (completed.Pipeline, completed.State, completed.Time);
        }

        await context.SaveChangesAsync(message.CancellationToken);
    }
}
