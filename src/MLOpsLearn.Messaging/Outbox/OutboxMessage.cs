namespace MLOpsLearn.Messaging.Outbox;

/// <summary>An event that was committed together with the change it tells of, and waits to be published.</summary>
public sealed class OutboxMessage
{
    /// <summary>Order of publishing.</summary>
    public long Sequence { get; private set; }

    /// <summary>The message id on the bus: a repeated publish is known by it.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Wire name of the event, as <see cref="Bus.EventTypes"/> knows it.</summary>
    public required string EventName { get; init; }

    /// <summary>The event as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>W3C trace parent of the change, so that one trace spans both sides.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When the change was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}
