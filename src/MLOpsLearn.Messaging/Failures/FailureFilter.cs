using System.Runtime.Serialization;
using MassTransit;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Messaging.Failures;

/// <summary>Gives a message of the bus to the <see cref="FailureRouter"/> when its consumer's short retries are used up.</summary>
internal sealed class FailureFilter(string queue, FailureRouter router) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (!context.TryGetPayload<RabbitMqBasicConsumeContext>(out var delivery))
        {
            throw new InvalidOperationException("A message that failed did not come from the broker.", context.Exception);
        }

        var cause = context.Exception.GetBaseException();
        await router.RouteAsync(
            queue, delivery.Properties, context.Body.GetBytes(), cause.GetType().Name, cause.Message, mayPass: !IsUnreadable(context.Exception), context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("failures").Add("queue", queue);

    private static bool IsUnreadable(Exception exception) => exception is SerializationException or UnreadableMessageException
        || (exception.InnerException is { } inner && IsUnreadable(inner));
}
