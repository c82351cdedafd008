using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Messaging.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>Something that looks for itself when it is told that there may be news.</summary>
public interface IEventHint
{
    /// <summary>There may be news.</summary>
    void Set();
}

/// <summary>Tells every process of a service, where a consumer's queue tells only one of them.</summary>
public static class EventHints
{
    /// <summary>
    /// Calls the hint when one of the events was published, in each process. Nothing is kept for a process that is away: it looks when it starts.
    /// Without a broker all is one process, and the module's consumers tell it.
    /// </summary>
    public static IHostApplicationBuilder AddEventHint<THint>(this IHostApplicationBuilder builder, params Type[] events) where THint : class, IEventHint
    {
        if (!string.IsNullOrWhiteSpace(builder.Configuration.GetConnectionString(EventBus.ConnectionName)))
        {
            builder.Services.AddHostedService(services => new HintListener(
                services.GetRequiredService<BrokerConnection>(),
                services.GetRequiredService<BusGate>(),
                services.GetRequiredService<THint>(),
                [.. events.Select(EventTypes.NameOf)],
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<HintListener>>()));
        }

        return builder;
    }
}

/// <summary>A queue of this process' own, gone with it; only that a message came is of interest.</summary>
internal sealed partial class HintListener(
    BrokerConnection broker, BusGate gate, IEventHint hint, IReadOnlyList<string> exchanges, TimeProvider time, ILogger<HintListener> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await gate.WaitAsync(stoppingToken);
                await using var channel = await broker.OpenChannelAsync(confirms: false, stoppingToken);
                var queue = await channel.QueueDeclareAsync(cancellationToken: stoppingToken);
                foreach (var exchange in exchanges)
                {
                    await channel.QueueBindAsync(queue.QueueName, exchange, "", cancellationToken: stoppingToken);
                }

                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += (_, _) =>
                {
                    hint.Set();
                    return Task.CompletedTask;
                };
                await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer, stoppingToken);
                // What happened before the queue was there, or while the broker was away.
                hint.Set();
                await broker.LostAsync(stoppingToken);
            }
            catch (Exception exception) when (!exception.IsCancellationBy(stoppingToken))
            {
                Log.NotListening(logger, exception.Message);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1061, LogLevel.Warning, "Hints can't be heard from the broker now; it is tried again. {Cause}")]
        public static partial void NotListening(ILogger logger, string cause);
    }
}
