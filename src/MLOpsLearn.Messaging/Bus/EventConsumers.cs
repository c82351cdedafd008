using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>Lets each module name its consumers, whichever host they end up in.</summary>
public static class EventConsumers
{
    /// <summary>Twice as many as the consumer of most messages handles at once: what is next is here before it is needed.</summary>
    public const ushort DefaultPrefetch = 32;

    /// <summary>
    /// Consumes events from the queue <paramref name="queue"/>, for example "monitoring.predictions-served". Different consumers need different queues.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="queue">Stable name of the queue, "&lt;module&gt;.&lt;event&gt;".</param>
    /// <param name="concurrency">How many messages are handled at once; 1 keeps their order.</param>
    /// <param name="prefetch">Messages that the broker sends ahead; docs/events.md has the measurement behind the default.</param>
    public static IHostApplicationBuilder AddEventConsumer<TConsumer>(
        this IHostApplicationBuilder builder, string queue, int concurrency = 1, ushort prefetch = DefaultPrefetch)
        where TConsumer : class, IConsumer
    {
        builder.Services.AddSingleton(new EventConsumerRegistration(
            queue,
            bus => bus.AddConsumer<TConsumer>(),
            (context, endpoint) => endpoint.ConfigureConsumer<TConsumer>(context),
            concurrency,
            prefetch));
        return builder;
    }
}

/// <summary>One queue and who reads it.</summary>
internal sealed record EventConsumerRegistration(
    string Queue,
    Action<IBusRegistrationConfigurator> Add,
    Action<IBusRegistrationContext, IReceiveEndpointConfigurator> Configure,
    int Concurrency,
    ushort Prefetch);
