using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Failures;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Messaging.OutsideEvents;
using MLOpsLearn.Messaging.Triggers;

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
                    transport.AddDeserializer(PredictionsServedSerializer.Instance);
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
                transport.AddDeserializer(PredictionsServedSerializer.Instance);
                foreach (var consumer in consumers)
                {
                    transport.ReceiveEndpoint(consumer.Queue, endpoint => ConfigureQueue(consumer, context, endpoint));
                }
            });
        });
        builder.AddBroker(address, [.. consumers.Select(consumer => consumer.Queue)]);
        foreach (var worker in builder.Services.Select(service => service.ImplementationInstance).OfType<BusWorkerRegistration>().ToList())
        {
            worker.Add(builder.Services);
        }

        return builder;
    }

    private static void AddBroker(this IHostApplicationBuilder builder, string? address, List<string> queues)
    {
        if (string.IsNullOrWhiteSpace(address))
        {
            builder.Services.AddSingleton<IOutsideEvents, NoOutsideEvents>();
            var open = new BusGate();
            open.Open();
            builder.Services.AddSingleton(open);
            return;
        }

        builder.Services.AddSingleton<BusGate>();
        builder.Services.AddSingleton(_ => new BrokerConnection(address));
        builder.Services.AddSingleton<FailureRouter>();
        builder.Services.AddSingleton<IOutsideEvents, BrokerOutsideEvents>();
        builder.Services.AddSingleton(services => new DeadLetterDesk(services.GetRequiredService<BrokerConnection>()));
        builder.Services.AddHostedService<TopologyWorker>();
        if (builder.Services.Any(service => service.ServiceType == typeof(ITriggerHandler)))
        {
            builder.Services.AddSingleton<TriggerAnswers>();
            builder.Services.AddSingleton<TriggerWork>();
            builder.Services.AddHostedService<TriggerListener>();
            queues.Add(BrokerTopology.TriggerQueue);
            builder.AddBaseline(MessagingTelemetry.KnowTriggers);
        }

        builder.AddBaseline(() => queues.ForEach(MessagingTelemetry.KnowQueue));
        builder.Services.AddSingleton(new OwnQueues([.. BrokerTopology.Queues.Where(queue => queues.Contains(queue.Name))]));
        builder.AddSample<QueueSample>();
    }

    private static void ConfigureQueue(EventConsumerRegistration consumer, IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        foreach (var (name, value) in BrokerTopology.WorkQueueArguments(consumer.Queue))
        {
            endpoint.SetQueueArgument(name, value);
        }

        endpoint.PrefetchCount = consumer.Prefetch;
        endpoint.ConfigureError(pipe => pipe.UseFilter(new FailureFilter(consumer.Queue, context.GetRequiredService<FailureRouter>())));
        Configure(consumer, context, endpoint);
    }

    private static void Configure(EventConsumerRegistration consumer, IBusRegistrationContext context, IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConcurrentMessageLimit = consumer.Concurrency;
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<UnreadableMessageException>();
            retry.Exponential(5, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(200));
        });
        consumer.Configure(context, endpoint);
    }
}
