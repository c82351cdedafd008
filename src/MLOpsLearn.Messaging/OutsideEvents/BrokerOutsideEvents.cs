using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Outbox;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.OutsideEvents;

/// <summary>
/// Publishes each event of the outbox to the exchange <see cref="BrokerTopology.Events"/> as a structured CloudEvent, its type as routing key.
/// Its id is the message's id on the bus, so a repetition is known by it.
/// </summary>
internal sealed class BrokerOutsideEvents(BrokerConnection broker) : IOutsideEvents
{
    private static readonly CloudEventAttribute TraceParent = CloudEventAttribute.CreateExtension("traceparent", CloudEventAttributeType.String);
    private static readonly JsonEventFormatter Formatter = new(new JsonSerializerOptions(JsonSerializerDefaults.Web), default);

    public Task PublishAsync(OutboxMessage message, object body, string? traceParent, CancellationToken cancellationToken)
    {
        var module = message.EventName.Split('.')[1];
        var cloudEvent = new CloudEvent
        {
            Id = message.MessageId.ToString(),
            Type = message.EventName,
            Source = new Uri($"/mlopslearn/{module}", UriKind.Relative),
            Time = message.CreatedAt,
            DataContentType = "application/json",
            Data = body,
        };
        if (traceParent is not null)
        {
            cloudEvent[TraceParent] = traceParent;
        }

        var bytes = Formatter.EncodeStructuredModeMessage(cloudEvent, out var contentType);
        var properties = new BasicProperties { ContentType = contentType.ToString(), MessageId = cloudEvent.Id, Type = cloudEvent.Type, Persistent = true };
        return broker.PublishAsync(BrokerTopology.Events, message.EventName, properties, bytes, mandatory: false, cancellationToken);
    }
}
