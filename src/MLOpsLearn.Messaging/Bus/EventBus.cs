using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>Connects a host to the bus.</summary>
public static class EventBus
{
    /// <summary>Name of the bus' connection string.</summary>
    public const string ConnectionName = "messaging";

    /// <summary>
    /// Starts the bus with every consumer that the modules added before. Call it once, after the modules. An <c>amqp://</c> connection string
    /// means RabbitMQ with quorum queues and publisher confirms.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="allowInMemory">Whether the bus may live in this process when there is no connection string: only where all modules live there too.</param>
    public static IHostApplicationBuilder AddEventBus(this IHostApplicationBuilder builder, bool allowInMemory)
    {
        var address = builder.Configuration.GetConnectionString(ConnectionName);
        if (string.IsNullOrWhiteSpace(address) && !allowInMemory)
        {
            throw new InvalidOperationException($"Connection string '{ConnectionName}' is missing: set ConnectionStrings__{ConnectionName} to the broker's amqp:// address.");
        }

        var consumers = builder.Services
            .Select(service => service.ImplementationInstance).OfType<EventConsumerRegistration>().ToList();
        builder.Services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = string.IsNullOrWhiteSpace(address);
            options.StopTimeout = TimeSpan.FromSeconds(10);
        });
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            foreach (var consumer in consumers)
            {
                consumer.Add(bus);
            }

            if (string.IsNullOrWhiteSpace(address))
            {
                bus.UsingInMemory((context, transport) =>
                {
                    foreach (var consumer in consumers)
                    {
                        transport.ReceiveEndpoint(consumer.Queue, endpoint => Configure(consumer, context, endpoint));
                    }
                });
                return;
            }

            bus.UsingRabbitMq((context, transport) =>
            {
                transport.Host(new Uri(address));
                foreach (var consumer in consumers)
                {
                    transport.ReceiveEndpoint(consumer.Queue, endpoint =>
                    {
                        endpoint.SetQuorumQueue();
                        endpoint.PrefetchCount = 16;
                        Configure(consumer, context, endpoint);
                    });
                }
            });
        });
        foreach (var worker in builder.Services.Select(service => service.ImplementationInstance).OfType<BusWorkerRegistration>().ToList())
        {
            worker.Add(builder.Services);
        }

        return builder;
    }

    private static void Configure(EventConsumerRegistration consumer, IBusRegistrationContext context, IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConcurrentMessageLimit = consumer.Concurrency;
        endpoint.UseMessageRetry(retry => retry.Exponential(5, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(200)));
        consumer.Configure(context, endpoint);
    }
}
