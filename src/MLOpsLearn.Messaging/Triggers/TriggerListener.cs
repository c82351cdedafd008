using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Messaging.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>
/// The door for outsiders: reads what any AMQP producer publishes to <see cref="BrokerTopology.Triggers"/>, one message at a time, and comes back
/// when the broker was away. A message is acknowledged after its work.
/// </summary>
internal sealed partial class TriggerListener(BrokerConnection broker, TriggerWork work, TimeProvider time, ILogger<TriggerListener> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var channel = await broker.OpenChannelAsync(confirms: false, stoppingToken);
                await TopologyDeclaration.DeclareAsync(channel, [BrokerTopology.Queues.Single(queue => queue.Name == BrokerTopology.TriggerQueue)], stoppingToken);
                pause = FirstPause;
                await ConsumeAsync(channel, stoppingToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.Away(logger, exception.Message);
                await Task.Delay(pause, time, stoppingToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task ConsumeAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            closed.TrySetResult(reason.ReplyText);
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, 1, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            try
            {
                await work.HandleAsync(message, cancellationToken);
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
            }
            catch (Exception exception)
            {
                // Neither done nor handed on: closing the channel gives it back to the broker.
                closed.TrySetResult(exception.Message);
            }
        };
        await channel.BasicConsumeAsync(BrokerTopology.TriggerQueue, autoAck: false, consumer, cancellationToken);
        var reason = await closed.Task.WaitAsync(cancellationToken);
        throw new IOException(reason);
    }

    private static partial class Log
    {
        [LoggerMessage(1051, LogLevel.Warning, "Triggers can't be read now; it is tried again. {Cause}")]
        public static partial void Away(ILogger logger, string cause);
    }
}
