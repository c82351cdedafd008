using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Messaging.Bus;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>Declares what the bus does not: the outsiders' exchanges, and for this host's queues those for retries and dead letters.</summary>
internal sealed partial class TopologyWorker(
    BrokerConnection broker, IEnumerable<EventConsumerRegistration> consumers, TimeProvider time, ILogger<TopologyWorker> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await using var channel = await broker.OpenChannelAsync(confirms: false, stoppingToken);
                await DeclareAsync(channel, [.. consumers.Select(consumer => consumer.Queue)], stoppingToken);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.NotDeclared(logger, exception.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    /// <summary>Declares the exchanges, and the queues beside each of <paramref name="queues"/>.</summary>
    public static async Task DeclareAsync(IChannel channel, IReadOnlyList<string> queues, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(BrokerTopology.Events, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(BrokerTopology.Triggers, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
        foreach (var queue in queues)
        {
            await channel.QueueDeclareAsync(
                BrokerTopology.DeadLetterQueueOf(queue), durable: true, exclusive: false, autoDelete: false, BrokerTopology.DeadLetterQueueArguments, cancellationToken: cancellationToken);
            foreach (var delay in BrokerTopology.RetryDelays)
            {
                await channel.QueueDeclareAsync(
                    BrokerTopology.RetryQueueOf(queue, delay), durable: true, exclusive: false, autoDelete: false, BrokerTopology.RetryQueueArguments(queue, delay), cancellationToken: cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1011, LogLevel.Warning, "The broker can't be reached yet; it is tried again. {Cause}")]
        public static partial void NotDeclared(ILogger logger, string cause);
    }
}
