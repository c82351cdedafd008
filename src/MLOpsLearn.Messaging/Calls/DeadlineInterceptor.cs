using Grpc.Core;
using Grpc.Core.Interceptors;

namespace MLOpsLearn.Messaging.Calls;

/// <summary>Gives a deadline to every unary call that has none: nobody waits for ever for a service that hangs.</summary>
internal sealed class DeadlineInterceptor(TimeProvider time) : Interceptor
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation) =>
        continuation(request, context.Options.Deadline is not null
            ? context
            : new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithDeadline((time.GetUtcNow() + Deadline).UtcDateTime)));
}
