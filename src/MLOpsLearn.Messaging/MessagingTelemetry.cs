using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLOpsLearn.Messaging;

/// <summary>Traces and metrics of what all services share: outbox, queues, triggers.</summary>
internal static class MessagingTelemetry
{
    private const string Name = "MLOpsLearn.Messaging";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Gauge<int> OutboxPending =
        Meter.CreateGauge<int>("mlopslearn.outbox.pending", "{event}", "Events that are committed and not yet published, counted up to 10,000.");

    private static readonly Gauge<double> OutboxAge =
        Meter.CreateGauge<double>("mlopslearn.outbox.age", "s", "Time since the oldest event was committed that is not yet published; 0 when there is none.");

    private static readonly Counter<long> OutboxPublished =
        Meter.CreateCounter<long>("mlopslearn.outbox.published", "{event}", "Events that the bus took from the outbox.");

    private static readonly Counter<long> MessageFailures =
        Meter.CreateCounter<long>("mlopslearn.messaging.failures", "{message}", "Messages whose short retries were used up.");

    private static readonly Counter<long> TriggerAnswers =
        Meter.CreateCounter<long>("mlopslearn.messaging.triggers", "{trigger}", "Triggers of outsiders, by answer.");

    private static readonly Gauge<long> QueueMessages =
        Meter.CreateGauge<long>("mlopslearn.messaging.queue.messages", "{message}", "Messages that lie in a queue of the broker.");

    private static readonly Counter<long> CacheFailures =
        Meter.CreateCounter<long>("mlopslearn.cache.failures", "{operation}", "Uses of the shared cache that were done without, because it was away.");

    private static readonly Gauge<int> CacheIsConnected =
        Meter.CreateGauge<int>("mlopslearn.cache.connected", "1", "1 while the shared cache can be reached, 0 otherwise.");

    public static void CacheFailed(int operations = 1) => CacheFailures.Add(operations);

    public static void CacheConnected(bool isConnected) => CacheIsConnected.Record(isConnected ? 1 : 0);

    public static void Outbox(string module, int pending, TimeSpan age)
    {
        var tag = new KeyValuePair<string, object?>("module", module);
        OutboxPending.Record(pending, tag);
        OutboxAge.Record(age.TotalSeconds, tag);
    }

    /// <summary>Shows the module's outbox before anything was published.</summary>
    public static void KnowOutbox(string module)
    {
        Outbox(module, 0, TimeSpan.Zero);
        Published(module, 0);
    }

    public static void Published(string module, int events = 1) => OutboxPublished.Add(events, new KeyValuePair<string, object?>("module", module));

    /// <summary>Shows the counters of a queue before anything fails: an alert on their growth needs the zero.</summary>
    public static void KnowQueue(string queue)
    {
        Failed(queue, isDead: false, 0);
        Failed(queue, isDead: true, 0);
    }

    public static void Failed(string queue, bool isDead, int messages = 1) => MessageFailures.Add(
        messages, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("outcome", isDead ? "dead" : "postponed"));

    public static void KnowTriggers()
    {
        foreach (var status in (string[])["accepted", "duplicate", "refused"])
        {
            Answered(status, 0);
        }
    }

    public static void Answered(string status, int triggers = 1) => TriggerAnswers.Add(triggers, new KeyValuePair<string, object?>("status", status));

    /// <param name="queue">Name of the work queue.</param>
    /// <param name="state">"ready", "postponed" or "dead".</param>
    /// <param name="messages">How many lie there.</param>
    public static void Queue(string queue, string state, long messages) =>
        QueueMessages.Record(messages, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("state", state));
}
