namespace MLOpsLearn.Messaging.Inbox;

/// <summary>Says that one consumer has handled one message; written in the transaction of the message's effect.</summary>
public sealed class InboxEntry
{
    /// <summary>How long a repeated message is known.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>Name of the consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>The message id on the bus.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>When the effect was committed.</summary>
    public required DateTimeOffset HandledAt { get; init; }
}
