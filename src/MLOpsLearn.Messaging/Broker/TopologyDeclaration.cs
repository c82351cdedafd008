using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>Declares exchanges, queues and bindings, the same as the bus would: an exchange for each event, one for each queue, and the queue behind it.</summary>
internal static class TopologyDeclaration
{
    public static async Task DeclareAsync(IChannel channel, IEnumerable<ProductQueue> queues, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(BrokerTopology.Events, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(BrokerTopology.Triggers, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        foreach (var queue in queues)
        {
            // First where the dead go, then the queue that sends them there.
            await QueueAsync(channel, BrokerTopology.DeadLetterQueueOf(queue.Name), BrokerTopology.DeadLetterQueueArguments, cancellationToken);
            await QueueAsync(channel, queue.Name, BrokerTopology.WorkQueueArguments(queue.Name), cancellationToken);
            foreach (var delay in BrokerTopology.RetryDelays)
            {
                await QueueAsync(channel, BrokerTopology.RetryQueueOf(queue.Name, delay), BrokerTopology.RetryQueueArguments(queue.Name, delay), cancellationToken);
            }

            await BindAsync(channel, queue, cancellationToken);
        }

        // Rows are published once and are a CloudEvent already: outsiders get the same message.
        await channel.ExchangeDeclareAsync(BrokerTopology.PredictionsServed, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeBindAsync(BrokerTopology.Events, BrokerTopology.PredictionsServed, "", cancellationToken: cancellationToken);
    }

    private static async Task BindAsync(IChannel channel, ProductQueue queue, CancellationToken cancellationToken)
    {
        if (queue.Source == BrokerTopology.Triggers)
        {
            await channel.QueueBindAsync(queue.Name, queue.Source, "#", cancellationToken: cancellationToken);
            return;
        }

        await channel.ExchangeDeclareAsync(queue.Source, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(queue.Name, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeBindAsync(queue.Name, queue.Source, "", cancellationToken: cancellationToken);
        await channel.QueueBindAsync(queue.Name, queue.Name, "", cancellationToken: cancellationToken);
    }

    private static Task QueueAsync(IChannel channel, string name, Dictionary<string, object?> arguments, CancellationToken cancellationToken) =>
        channel.QueueDeclareAsync(name, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
}
