using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace MLOpsLearn.Gateway.Host.Replicas;

/// <summary>
/// Takes a call to the next replica when no connection to the chosen one could be made and nothing of its body has been read: that is right for
/// every call, whatever it does.
/// </summary>
internal sealed partial class NextReplica(RequestDelegate next, ILogger<NextReplica> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var replicas = proxy.AvailableDestinations;
        if (replicas.Count < 2)
        {
            await next(context);
            return;
        }

        // A call that an old connection began to take and then refused looks the same, but its body is gone.
        var body = new UnreadBody(context.Request.Body);
        context.Request.Body = body;
        while (true)
        {
            await next(context);
            var tried = proxy.ProxiedDestination;
            replicas = [.. replicas.Where(replica => replica != tried)];
            if (tried is null || replicas.Count == 0 || !body.IsUnread || context.Response.HasStarted || !WasNotReached(context))
            {
                return;
            }

            Log.Next(logger, context.Request.Path, tried.DestinationId);
            Ask(context, replicas);
        }
    }

    /// <summary>Readies a failed call to be sent again, to one of the others than the replica it failed on, if there are others.</summary>
    public static void AskAnother(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var all = proxy.Route.Cluster?.DestinationsState.AvailableDestinations ?? proxy.AllDestinations;
        DestinationState[] others = [.. all.Where(replica => replica != proxy.ProxiedDestination)];
        Ask(context, others.Length > 0 ? others : all);
    }

    /// <summary>Whether the call ended before a connection stood.</summary>
    public static bool WasNotReached(HttpContext context) => !context.RequestAborted.IsCancellationRequested && context.GetForwarderErrorFeature() is { } error
        && error switch
        {
            { Error: ForwarderError.Request, Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } } => true,
            // The time for a connection ran out. That for an answer ends without such a cause.
            { Error: ForwarderError.RequestTimedOut, Exception: OperationCanceledException { InnerException: TimeoutException } } => true,
            _ => false,
        };

    private static void Ask(HttpContext context, IReadOnlyList<DestinationState> replicas)
    {
        context.Features.Set<IForwarderErrorFeature>(null);
        context.Response.Clear();
        context.GetReverseProxyFeature().AvailableDestinations = replicas;
    }

    private static partial class Log
    {
        [LoggerMessage(6004, LogLevel.Information, "{Path} goes to another replica: {Replica} can't be reached.")]
        public static partial void Next(ILogger logger, PathString path, string replica);
    }
}
