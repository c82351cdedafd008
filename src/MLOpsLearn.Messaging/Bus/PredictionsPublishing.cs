using MassTransit;
using MLOpsLearn.Contracts.Events;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>Publishes served rows: the hot path, beside the outbox.</summary>
public static class PredictionsPublishing
{
    /// <summary>Ends when the broker has the batch safely. One that no queue takes fails: its rows must not vanish.</summary>
    public static Task PublishRowsAsync(this IBus bus, PredictionsServed served, CancellationToken cancellationToken) => bus.Publish(
        served,
        context =>
        {
            context.MessageId = served.BatchId;
            context.Serializer = PredictionsServedSerializer.Instance;
            context.TrySetRoutingKey(EventTypes.NameOf(typeof(PredictionsServed)));
            if (context.TryGetPayload<RabbitMqSendContext>(out var onBroker))
            {
                onBroker.Mandatory = true;
            }
        },
        cancellationToken);
}
