using System.Net;
using Grpc.Core;

namespace MLOpsLearn.Client.Spooling;

/// <summary>Tells a server that is away from one that will never take a thing.</summary>
internal static class SendOutcome
{
    /// <summary>Whether the same may be taken later.</summary>
    public static bool IsAway(Exception exception) => exception switch
    {
        RpcException rpc => rpc.StatusCode is not (StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.FailedPrecondition
            or StatusCode.AlreadyExists or StatusCode.OutOfRange or StatusCode.Unimplemented or StatusCode.Cancelled),
        HttpRequestException http => !IsRefusal(http),
        _ => false,
    };

    /// <summary>Whether the server has said no to the thing itself.</summary>
    public static bool IsRefusal(Exception exception) => exception switch
    {
        RpcException rpc => rpc.StatusCode != StatusCode.Cancelled && !IsAway(rpc),
        HttpRequestException http => http.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict
            or HttpStatusCode.Gone or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity,
        _ => false,
    };

    /// <summary>The server's words, without the status's wrapping.</summary>
    public static string Reason(Exception exception) => exception is RpcException rpc ? rpc.Status.Detail : exception.Message;
}
