using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Bus;

namespace MLOpsLearn.Messaging.Broker;

/// <summary>A queue of the product.</summary>
/// <param name="Name">"&lt;module&gt;.&lt;event&gt;".</param>
/// <param name="Source">The exchange that feeds it: the event's wire name.</param>
public sealed record ProductQueue(string Name, string Source);

/// <summary>Names and arguments on the broker, as docs/events.md describes them.</summary>
public static class BrokerTopology
{
    /// <summary>Topic exchange that outsiders publish to.</summary>
    public const string Triggers = "mlops.triggers";

    /// <summary>Topic exchange that outsiders bind to: each event of the loop as a CloudEvent.</summary>
    public const string Events = "mlops.events";

    /// <summary>Exchange of the columnar batches, the one event that doesn't go through an outbox.</summary>
    internal static readonly string PredictionsServed = EventTypes.NameOf(typeof(PredictionsServed));

    /// <summary>The queue that all triggers go to.</summary>
    public const string TriggerQueue = "training.triggers";

    /// <summary>Deliveries of one message, each ended by the death of its consumer, before it counts as deadly.</summary>
    public const int DeliveryLimit = 20;

    /// <summary>Pauses of the long retries; after the last a message is dead.</summary>
    public static readonly IReadOnlyList<TimeSpan> RetryDelays = [TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)];

    /// <summary>Every queue that messages are worked off from. A test holds it against what the modules register.</summary>
    public static readonly IReadOnlyList<ProductQueue> Queues =
    [
        new("inference.model-alias-changed", "mlopslearn.registry.model-alias-changed.v1"),
        new("monitoring.deployment-changed", "mlopslearn.inference.deployment-changed.v1"),
        new("monitoring.predictions-served", "mlopslearn.inference.predictions-served.v1"),
        new("registry.deployment-changed", "mlopslearn.inference.deployment-changed.v1"),
        new("registry.training-completed", "mlopslearn.training.training-completed.v1"),
        new("training.alert-changed", "mlopslearn.monitoring.alert-changed.v1"),
        new(TriggerQueue, Triggers),
    ];

    /// <summary>Where the dead letters of a queue lie.</summary>
    public static string DeadLetterQueueOf(string queue) => queue + "_error";

    /// <summary>Where messages of a queue wait for their long retry.</summary>
    public static string RetryQueueOf(string queue, TimeSpan delay) => $"{queue}_retry_{(int)delay.TotalSeconds}s";

    /// <summary>Replicated, and a message that kills its consumers ends among the dead letters.</summary>
    internal static Dictionary<string, object?> WorkQueueArguments(string queue) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = DeadLetterQueueOf(queue),
        // Moved only when the other queue has it; that in turn asks for refusing rather than dropping when a limit is reached.
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    /// <summary>Each look at dead letters delivers them once more; newer brokers would drop them after 20 looks if no limit were set.</summary>
    internal static Dictionary<string, object?> DeadLetterQueueArguments => new() { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000 };

    /// <summary>A queue that nobody reads: what lies there for <paramref name="delay"/> goes back.</summary>
    internal static Dictionary<string, object?> RetryQueueArguments(string queue, TimeSpan delay) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-message-ttl"] = (int)delay.TotalMilliseconds,
        ["x-dead-letter-exchange"] = "",
        ["x-dead-letter-routing-key"] = queue,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };
}
