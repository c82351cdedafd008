using Google.Api;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace MLOpsLearn.Contracts.Calls;

/// <summary>Which calls may be made again when nobody knows whether the first had its effect.</summary>
public static class CallRepetition
{
    /// <summary>Metadata key that gRPC itself sets on every attempt after the first.</summary>
    private const string AttemptsKey = "grpc-previous-rpc-attempts";

    /// <summary>
    /// A call that carries a request id has its effect once; reading, putting and deleting can be repeated by the meaning of their HTTP verbs;
    /// any other must say so in the contract by <c>idempotency_level</c>.
    /// </summary>
    public static bool IsRepeatable(MethodDescriptor method)
    {
        var options = method.GetOptions();
        return method.InputType.FindFieldByName("request_id") is not null
            || options?.IdempotencyLevel is MethodOptions.Types.IdempotencyLevel.Idempotent or MethodOptions.Types.IdempotencyLevel.NoSideEffects
            || options?.GetExtension(AnnotationsExtensions.Http)?.PatternCase is HttpRule.PatternOneofCase.Get or HttpRule.PatternOneofCase.Put or HttpRule.PatternOneofCase.Delete;
    }

    /// <summary>Whether gRPC made this call before and got no answer.</summary>
    public static bool IsRepetition(ServerCallContext context) => context.RequestHeaders.GetValue(AttemptsKey) is not null;
}
