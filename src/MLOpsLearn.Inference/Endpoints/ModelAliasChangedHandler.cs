using System.Diagnostics;
using MassTransit;
using MLOpsLearn.Contracts.Events;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>An alias moved. The event is a hint: the refresher asks the registry what is true.</summary>
internal sealed class ModelAliasChangedHandler(AliasSignal signal) : IConsumer<ModelAliasChanged>
{
    public Task Consume(ConsumeContext<ModelAliasChanged> message)
    {
        signal.Set(message.Message.Model, message.Message.Version, Activity.Current?.Id);
        return Task.CompletedTask;
    }
}
