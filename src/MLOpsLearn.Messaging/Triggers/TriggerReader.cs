using System.Globalization;
using System.Net.Mime;
using System.Text;
using System.Text.Json;
using CloudNative.CloudEvents.SystemTextJson;
using MLOpsLearn.Messaging.Failures;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Triggers;

/// <summary>Reads a message of an outsider: a CloudEvent, structured or binary, or a plain JSON object.</summary>
internal static class TriggerReader
{
    private const int MostBytes = 256 * 1024;
    private const int MostIdCharacters = 200;

    /// <summary>What AMQP lets a short text have.</summary>
    private const int MostPropertyBytes = 255;
    private const string StructuredType = "application/cloudevents+json";
    private static readonly JsonEventFormatter Formatter = new();

    /// <summary>The two spellings of a CloudEvent's headers over AMQP.</summary>
    private static readonly string[] Prefixes = ["cloudEvents:", "cloudEvents_"];

    /// <exception cref="BadTriggerException">It can't be read, names no known type, or breaks its type's schema.</exception>
    public static OutsideTrigger Read(IReadOnlyBasicProperties properties, string routingKey, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        try
        {
            return ReadAndCheck(properties, routingKey, body, now);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or JsonException or FormatException)
        {
            // Texts that are no Unicode and names that come twice are found only when they are looked at.
            throw new BadTriggerException($"The message is not well-formed: {exception.Message}");
        }
    }

    private static OutsideTrigger ReadAndCheck(IReadOnlyBasicProperties properties, string routingKey, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        if (body.Length > MostBytes)
        {
            throw new BadTriggerException($"The message has {body.Length} bytes, more than the {MostBytes} that a trigger may have.");
        }

        var trigger = MediaTypeOf(properties) == StructuredType ? ReadStructured(properties, body, now)
            : IsBinary(properties) ? ReadBinary(properties, body, now)
            : ReadPlain(properties, routingKey, body, now);
        if (!TriggerTypes.All.Contains(trigger.Type))
        {
            throw new BadTriggerException($"The type '{Shorten(trigger.Type)}' is not one of {string.Join(", ", TriggerTypes.All)}.");
        }

        if (trigger.Id.Length is 0 or > MostIdCharacters || trigger.Id.Any(char.IsControl))
        {
            throw new BadTriggerException($"The id '{Shorten(trigger.Id)}' must have 1 to {MostIdCharacters} characters and no control characters.");
        }

        if (HasNul(trigger.Data))
        {
            throw new BadTriggerException("The data has a text with the character U+0000, which no database takes.");
        }

        TriggerSchemas.Check(trigger.Type, trigger.Data);
        return trigger;
    }

    /// <summary>
    /// Properties for a copy that comes back by another way: what the routing key said, and the id that the message was known by, are in them, so that the
    /// copy means the same and counts as the same.
    /// </summary>
    /// <param name="properties">The message's own.</param>
    /// <param name="routingKey">The key that the sender published with.</param>
    /// <param name="trigger">What was read; null when it could not be.</param>
    public static BasicProperties Standalone(IReadOnlyBasicProperties properties, string routingKey, OutsideTrigger? trigger)
    {
        var copy = new BasicProperties(properties);
        if (copy.Type is null && MediaTypeOf(properties) != StructuredType && !IsBinary(properties) && TriggerTypes.All.Contains(routingKey))
        {
            copy.Type = routingKey;
        }

        var id = trigger?.Id ?? properties.CorrelationId;
        // A longer id stands in the body, and is found there again.
        if (copy.MessageId is null && id is not null && Encoding.UTF8.GetByteCount(id) <= MostPropertyBytes)
        {
            copy.MessageId = id;
        }

        return copy;
    }

    private static bool IsBinary(IReadOnlyBasicProperties properties) =>
        Prefixes.Any(prefix => properties.Headers?.ContainsKey(prefix + "specversion") == true || properties.Headers?.ContainsKey(prefix + "type") == true);

    private static bool HasNul(JsonElement data) => data.ValueKind switch
    {
        JsonValueKind.String => data.GetString()!.Contains('\0', StringComparison.Ordinal),
        JsonValueKind.Array => data.EnumerateArray().Any(HasNul),
        JsonValueKind.Object => data.EnumerateObject().Any(field => HasNul(field.Value)),
        _ => false,
    };

    /// <summary>The W3C trace parent that the message carries; null when there is none.</summary>
    public static string? TraceParentOf(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body)
    {
        foreach (var name in (string[])["traceparent", .. Prefixes.Select(prefix => prefix + "traceparent")])
        {
            if (FailureHeaders.Text(properties.Headers, name) is { } header)
            {
                return header;
            }
        }

        if (MediaTypeOf(properties) != StructuredType || body.Length > MostBytes)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("traceparent", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // What is wrong with the message is found when it is read.
            return null;
        }
    }

    private static OutsideTrigger ReadStructured(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        try
        {
            var read = Formatter.DecodeStructuredModeMessage(body, new ContentType(properties.ContentType!), null);
            var data = read.Data switch
            {
                JsonElement element => element,
                null => Json("{}"u8.ToArray()),
                _ => throw new BadTriggerException("The CloudEvent's data must be a JSON object."),
            };
            return new OutsideTrigger(read.Id ?? "", read.Source?.ToString() ?? "", read.Type ?? "", read.Time ?? now, data);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or FormatException or InvalidOperationException)
        {
            throw new BadTriggerException($"The body is not a CloudEvent: {exception.Message}");
        }
    }

    private static OutsideTrigger ReadBinary(IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        string Attribute(string name) => Prefixes.Select(prefix => FailureHeaders.Text(properties.Headers, prefix + name)).FirstOrDefault(value => value is not null) ?? "";
        foreach (var required in (string[])["id", "source", "type", "specversion"])
        {
            if (Attribute(required).Length == 0)
            {
                throw new BadTriggerException($"The CloudEvent has no '{required}': set the header cloudEvents:{required}.");
            }
        }

        if (Attribute("specversion") != "1.0")
        {
            throw new BadTriggerException($"The CloudEvent's specversion '{Shorten(Attribute("specversion"))}' must be 1.0.");
        }

        var time = Attribute("time") is { Length: > 0 } text
            ? DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)
                ? parsed
                : throw new BadTriggerException($"The CloudEvent's time '{Shorten(text)}' must be an RFC 3339 timestamp.")
            : now;
        return new OutsideTrigger(Attribute("id"), Attribute("source"), Attribute("type"), time, Json(body));
    }

    /// <summary>
    /// A plain object names its type and id in the properties or in itself. Without a type it is a request to retrain, without an id it can't be told
    /// from its repetition and counts as new.
    /// </summary>
    private static OutsideTrigger ReadPlain(IReadOnlyBasicProperties properties, string routingKey, ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        var data = Json(body);
        string? Field(string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        var type = Field("type") ?? properties.Type ?? (TriggerTypes.All.Contains(routingKey) ? routingKey : TriggerTypes.RetrainRequested);
        var id = Field("id") ?? properties.MessageId ?? properties.CorrelationId ?? Guid.CreateVersion7().ToString();
        return new OutsideTrigger(id, "", type, now, data);
    }

    private static JsonElement Json(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new BadTriggerException($"The body must be a JSON object, is {document.RootElement.ValueKind.ToString().ToLowerInvariant()}.");
        }
        catch (JsonException exception)
        {
            throw new BadTriggerException($"The body is not JSON: {exception.Message} It begins with '{Shorten(Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 60)]))}'.");
        }
    }

    private static string MediaTypeOf(IReadOnlyBasicProperties properties) => (properties.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();

    private static string Shorten(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
