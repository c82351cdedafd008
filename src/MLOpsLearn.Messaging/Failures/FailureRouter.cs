using System.Globalization;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Messaging.Broker;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Failures;

/// <summary>
/// Takes over a message whose short retries are used up: it waits in a queue with a time to live and comes back, three times, each pause longer;
/// then it is a dead letter with its reason. The consumer acknowledges only after the broker has the copy, so nothing is lost in between.
/// </summary>
internal sealed partial class FailureRouter(BrokerConnection broker, TimeProvider time, ILogger<FailureRouter> logger)
{
    private const int MostReasonCharacters = 2000;

    /// <param name="queue">The queue that it came from.</param>
    /// <param name="properties">Its properties.</param>
    /// <param name="body">Its body, unchanged.</param>
    /// <param name="exceptionType">Short name of what went wrong.</param>
    /// <param name="reason">What went wrong, for people.</param>
    /// <param name="mayPass">Whether waiting may help; false for a message that can't be read.</param>
    /// <param name="cancellationToken">Gives up; the message stays with the broker.</param>
    /// <returns>Whether it is dead, rather than on its way back.</returns>
    public async Task<bool> RouteAsync(
        string queue, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, string exceptionType, string reason, bool mayPass, CancellationToken cancellationToken)
    {
        var retries = FailureHeaders.RetriesOf(properties.Headers);
        var isDead = !mayPass || retries >= BrokerTopology.RetryDelays.Count;
        var copy = FailureHeaders.CopyOf(properties);
        copy.MessageId = string.IsNullOrEmpty(properties.MessageId) ? Guid.CreateVersion7().ToString() : properties.MessageId;
        copy.Headers![FailureHeaders.Retries] = isDead ? retries : retries + 1;
        copy.Headers[FailureHeaders.Exception] = exceptionType;
        copy.Headers[FailureHeaders.Reason] = reason.Length <= MostReasonCharacters ? reason : reason[..MostReasonCharacters] + "…";
        copy.Headers[FailureHeaders.FailedAt] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        var target = isDead ? BrokerTopology.DeadLetterQueueOf(queue) : BrokerTopology.RetryQueueOf(queue, BrokerTopology.RetryDelays[retries]);
        await broker.PublishAsync("", target, copy, body, mandatory: true, cancellationToken);
        MessagingTelemetry.Failed(queue, isDead);
        if (isDead)
        {
            Log.Dead(logger, copy.MessageId, target, reason);
        }
        else
        {
            Log.Postponed(logger, copy.MessageId, queue, BrokerTopology.RetryDelays[retries], reason);
        }

        return isDead;
    }

    private static partial class Log
    {
        [LoggerMessage(1021, LogLevel.Error, "Message {MessageId} could not be handled and lies in {Queue}: {Reason}")]
        public static partial void Dead(ILogger logger, string messageId, string queue, string reason);

        [LoggerMessage(1022, LogLevel.Warning, "Message {MessageId} of {Queue} comes back in {Delay}: {Reason}")]
        public static partial void Postponed(ILogger logger, string messageId, string queue, TimeSpan delay, string reason);
    }
}
