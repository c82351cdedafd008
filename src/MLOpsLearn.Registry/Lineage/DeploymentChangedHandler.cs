using MassTransit;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Inbox;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Lineage;

/// <summary>Remembers when a version came into service, and when it first answered.</summary>
internal sealed class DeploymentChangedHandler(RegistryDbContext context, TimeProvider time) : IConsumer<DeploymentChanged>
{
    public async Task Consume(ConsumeContext<DeploymentChanged> message)
    {
        if (!await context.TryBeginAsync(nameof(DeploymentChangedHandler), message, time, message.CancellationToken))
        {
            return;
        }

        var changed = message.Message;
        var fact = await context.Deployments.FindAsync([changed.DeploymentId], message.CancellationToken);
        if (fact is null)
        {
            context.Deployments.Add(new DeploymentFact
            {
                DeploymentId = changed.DeploymentId,
                Workspace = changed.Workspace,
                Endpoint = changed.Endpoint,
                Model = changed.Model,
                Version = changed.Version,
                SwapTime = changed.SwapTime,
                FirstResponseTime = changed.FirstResponseTime,
            });
        }
        else
        {
            // The two messages of a deployment may come in either order.
            fact.FirstResponseTime ??= changed.FirstResponseTime;
        }

        await context.SaveChangesAsync(message.CancellationToken);
    }
}
