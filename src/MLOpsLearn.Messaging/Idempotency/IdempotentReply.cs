namespace MLOpsLearn.Messaging.Idempotency;

/// <summary>The first answer to a create call, kept so that a repetition gets it again.</summary>
public sealed class IdempotentReply
{
    /// <summary>How long a repetition is known.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    /// <summary>Full name of the call.</summary>
    public required string Method { get; init; }

    /// <summary>The caller's key.</summary>
    public required Guid RequestId { get; init; }

    /// <summary>SHA-256 of the request.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>The answer in protobuf form.</summary>
    public required byte[] Reply { get; init; }

    /// <summary>When it is forgotten.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
