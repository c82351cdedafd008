using System.Security.Cryptography;
using Google.Protobuf;
using MLOpsLearn.Contracts.Errors;

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

    /// <summary>The answer that a call gives now.</summary>
    public static IdempotentReply To(Guid requestId, IMessage request, IMessage answer, DateTimeOffset now) => new()
    {
        Method = MethodOf(request),
        RequestId = requestId,
        RequestHash = SHA256.HashData(request.ToByteArray()),
        Reply = answer.ToByteArray(),
        ExpiresAt = now + Retention,
    };

    /// <summary>The name that a call's answers are kept by.</summary>
    public static string MethodOf(IMessage request) => request.Descriptor.FullName;

    /// <summary>The first answer again.</summary>
    /// <exception cref="Grpc.Core.RpcException">ALREADY_EXISTS when the request is another than the first.</exception>
    public TReply AnswerAgain<TReply>(IMessage request) where TReply : class, IMessage<TReply>, new()
    {
        if (!RequestHash.AsSpan().SequenceEqual(SHA256.HashData(request.ToByteArray())))
        {
            throw RpcErrors.AlreadyExists("request", RequestId, "It came with another body; use a new request_id.");
        }

        var first = new TReply();
        first.MergeFrom(Reply);
        return first;
    }
}
