using MassTransit;
using MLOpsLearn.Contracts.Events;

namespace MLOpsLearn.Monitoring.References;

/// <summary>A version came into service: its reference is due. The event is a hint; the worker asks the owner what is true.</summary>
internal sealed class DeploymentChangedHandler(ReferenceKeeper keeper) : IConsumer<DeploymentChanged>
{
    public Task Consume(ConsumeContext<DeploymentChanged> message)
    {
        if (message.Message.FirstResponseTime is null)
        {
            keeper.LookSoon();
        }

        return Task.CompletedTask;
    }
}
