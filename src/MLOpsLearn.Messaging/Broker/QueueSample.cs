using MLOpsLearn.Messaging.Failures;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>How many messages lie in the queues that this host reads.</summary>
internal sealed class QueueSample(DeadLetterDesk desk, OwnQueues queues) : ISample
{
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in queues.All)
        {
            var depth = await desk.DepthOfAsync(queue, cancellationToken);
            MessagingTelemetry.Queue(queue.Name, "ready", depth.Ready);
            MessagingTelemetry.Queue(queue.Name, "postponed", depth.Waiting);
            MessagingTelemetry.Queue(queue.Name, "dead", depth.Dead);
        }
    }
}

/// <summary>The queues that this host reads.</summary>
internal sealed record OwnQueues(IReadOnlyList<ProductQueue> All);
