using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mime;
using System.Runtime.Serialization;
using MassTransit;
using MassTransit.Serialization;
using MLOpsLearn.Contracts.Events;

namespace MLOpsLearn.Messaging.Bus;

/// <summary>
/// Carries <see cref="PredictionsServed"/> as what it is: the protobuf payload is the message's body, untouched, and the rest are the headers of a
/// binary CloudEvent. As JSON the payload would be base64, a third longer and copied four times.
/// </summary>
internal sealed class PredictionsServedSerializer : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    public const string MediaType = "application/protobuf";
    private const string Prefix = "cloudEvents:";
    private static readonly string EventName = EventTypes.NameOf(typeof(PredictionsServed));

    public static PredictionsServedSerializer Instance { get; } = new();

    public ContentType ContentType { get; } = new(MediaType);

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class
    {
        if (context.Message is not PredictionsServed served)
        {
            throw new NotSupportedException($"{typeof(T).Name} does not travel as {MediaType}.");
        }

        Set("specversion", "1.0");
        Set("id", served.BatchId.ToString());
        Set("type", EventName);
        Set("source", "/mlopslearn/inference");
        Set("workspace", served.Workspace);
        Set("endpoint", served.Endpoint);
        Set("rows", served.Rows.ToString(CultureInfo.InvariantCulture));
        if (System.Diagnostics.Activity.Current?.Id is { } trace)
        {
            Set("traceparent", trace);
        }

        return new BytesMessageBody(served.Payload);

        void Set(string name, string value) => context.Headers.Set(Prefix + name, value);
    }

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null)
    {
        string Text(string name) => headers.Get<string>(Prefix + name) is { Length: > 0 } value
            ? value
            : throw new SerializationException($"The header {Prefix}{name} is missing.");
        if (!Guid.TryParse(Text("id"), out var id) || !int.TryParse(Text("rows"), NumberStyles.None, CultureInfo.InvariantCulture, out var rows))
        {
            throw new SerializationException($"{Prefix}id must be a UUID and {Prefix}rows a number.");
        }

        var served = new PredictionsServed(id, Text("workspace"), Text("endpoint"), rows, body.GetBytes());
        return new RowsContext(served, new RawMessageContext(headers, destinationAddress, RawSerializerOptions.Default));
    }

    public MessageBody GetMessageBody(string text) => throw new NotSupportedException($"{MediaType} is no text.");

    public void Probe(ProbeContext context) => context.CreateScope("protobuf");

    private sealed class RowsContext(PredictionsServed served, MessageContext context)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, context, [MessageUrn.ForTypeString<PredictionsServed>()])
    {
        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message) where T : class => (message = served as T) is not null;

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message) =>
            (message = messageType == typeof(PredictionsServed) ? served : null) is not null;

        public override IMessageSerializer GetMessageSerializer() => Instance;

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => Instance;

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => Instance;

        public override Dictionary<string, object> ToDictionary<T>(T? message) where T : class => [];
    }
}
