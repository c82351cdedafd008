using System.Globalization;
using MLOpsLearn.Messaging.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MLOpsLearn.Messaging.Failures;

/// <summary>Shows queues and their dead letters, and sends those again or throws them away.</summary>
public sealed class DeadLetterDesk
{
    private const int MostShownBytes = 4096;
    private readonly BrokerConnection _broker;

    internal DeadLetterDesk(BrokerConnection broker) => _broker = broker;

    /// <summary>All queues of the product, by name.</summary>
    public async Task<IReadOnlyList<QueueDepth>> ListAsync(CancellationToken cancellationToken)
    {
        var depths = new List<QueueDepth>();
        foreach (var queue in BrokerTopology.Queues)
        {
            var work = await LookAsync(queue.Name, cancellationToken);
            var dead = await LookAsync(BrokerTopology.DeadLetterQueueOf(queue.Name), cancellationToken);
            var waiting = 0L;
            foreach (var delay in BrokerTopology.RetryDelays)
            {
                waiting += (await LookAsync(BrokerTopology.RetryQueueOf(queue.Name, delay), cancellationToken)).Messages;
            }

            depths.Add(new QueueDepth(queue.Name, queue.Source, work.Messages, work.Consumers, waiting, dead.Messages));
        }

        return depths;
    }

    /// <summary>The oldest dead letters of a queue, at most <paramref name="limit"/>; they stay where they are.</summary>
    public async Task<IReadOnlyList<DeadLetter>> PeekAsync(string queue, int limit, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        await ForEachAsync(queue, limit, (message, _) =>
        {
            letters.Add(Describe(message));
            return Task.FromResult(false);
        }, cancellationToken);
        return letters;
    }

    /// <summary>Sends dead letters to their queue again, those with the id or all for null; gives how many. They begin anew, with all their retries.</summary>
    public Task<int> ResendAsync(string queue, string? id, CancellationToken cancellationToken) => ForEachAsync(queue, int.MaxValue, async (message, token) =>
    {
        if (!IsMeant(message, id))
        {
            return false;
        }

        var properties = new BasicProperties(message.BasicProperties) { Headers = FailureHeaders.WithoutFailure(message.BasicProperties.Headers) };
        await _broker.PublishAsync("", queue, properties, message.Body, mandatory: true, token);
        return true;
    }, cancellationToken);

    /// <summary>Throws away the dead letters with the id; gives how many.</summary>
    public Task<int> DiscardAsync(string queue, string id, CancellationToken cancellationToken) =>
        ForEachAsync(queue, int.MaxValue, (message, _) => Task.FromResult(IsMeant(message, id)), cancellationToken);

    /// <summary>Looks at what lies there now, each message once, and takes away those that <paramref name="isDone"/> says so of; the rest goes back.</summary>
    private async Task<int> ForEachAsync(string queue, int limit, Func<BasicGetResult, CancellationToken, Task<bool>> isDone, CancellationToken cancellationToken)
    {
        var name = BrokerTopology.DeadLetterQueueOf(queue);
        var there = (await LookAsync(name, cancellationToken)).Messages;
        var done = 0;
        if (there == 0)
        {
            return done;
        }

        // Messages stay unacknowledged until the channel closes, so that none is seen twice; closing gives back what was not taken.
        await using var channel = await _broker.OpenChannelAsync(confirms: false, cancellationToken);
        for (var i = 0L; i < Math.Min(there, limit) && await channel.BasicGetAsync(name, autoAck: false, cancellationToken) is { } message; i++)
        {
            if (await isDone(message, cancellationToken))
            {
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                done++;
            }
        }

        await channel.CloseAsync(cancellationToken);
        return done;
    }

    private async Task<(long Messages, int Consumers)> LookAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await _broker.OpenChannelAsync(confirms: false, cancellationToken);
            var state = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return (state.MessageCount, (int)state.ConsumerCount);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // Its service has not started yet.
            return (0, 0);
        }
    }

    private static bool IsMeant(BasicGetResult message, string? id) => id is null || message.BasicProperties.MessageId == id;

    private static DeadLetter Describe(BasicGetResult message)
    {
        var headers = message.BasicProperties.Headers;
        return new DeadLetter(
            message.BasicProperties.MessageId ?? "",
            FailureHeaders.ReasonOf(headers),
            FailureHeaders.Text(headers, FailureHeaders.Exception) ?? "",
            DateTimeOffset.TryParse(FailureHeaders.Text(headers, FailureHeaders.FailedAt), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null,
            FailureHeaders.RetriesOf(headers),
            message.BasicProperties.ContentType ?? "",
            message.Body[..Math.Min(message.Body.Length, MostShownBytes)].ToArray(),
            message.Body.Length);
    }
}
