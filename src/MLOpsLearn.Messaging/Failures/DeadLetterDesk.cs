using System.Globalization;
using System.Security.Cryptography;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Triggers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MLOpsLearn.Messaging.Failures;

/// <summary>Shows queues and their dead letters, and sends those again or throws them away.</summary>
public sealed class DeadLetterDesk : IAsyncDisposable
{
    private const int MostShownBytes = 4096;
    private readonly BrokerConnection _broker;
    private readonly SemaphoreSlim _oneLook = new(1, 1);
    private IChannel? _channel;

    internal DeadLetterDesk(BrokerConnection broker) => _broker = broker;

    /// <summary>All queues of the product, by name.</summary>
    public async Task<IReadOnlyList<QueueDepth>> ListAsync(CancellationToken cancellationToken)
    {
        var depths = new List<QueueDepth>();
        foreach (var queue in BrokerTopology.Queues)
        {
            depths.Add(await DepthOfAsync(queue, cancellationToken));
        }

        return depths;
    }

    /// <summary>How full one queue is.</summary>
    public async Task<QueueDepth> DepthOfAsync(ProductQueue queue, CancellationToken cancellationToken)
    {
        var work = await LookAsync(queue.Name, cancellationToken);
        var dead = await LookAsync(BrokerTopology.DeadLetterQueueOf(queue.Name), cancellationToken);
        var waiting = 0L;
        foreach (var delay in BrokerTopology.RetryDelays)
        {
            waiting += (await LookAsync(BrokerTopology.RetryQueueOf(queue.Name, delay), cancellationToken)).Messages;
        }

        return new QueueDepth(queue.Name, queue.Source, work.Messages, work.Consumers, waiting, dead.Messages);
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

        await _broker.PublishAsync("", queue, FailureHeaders.CopyOf(Original(queue, message)), message.Body, mandatory: true, token);
        return true;
    }, cancellationToken);

    /// <summary>Throws away the dead letters with the id; gives how many.</summary>
    public Task<int> DiscardAsync(string queue, string id, CancellationToken cancellationToken) =>
        ForEachAsync(queue, int.MaxValue, (message, _) => Task.FromResult(IsMeant(message, id)), cancellationToken);

    /// <summary>Looks at what lies there now, each message once, and takes away those that <paramref name="isDone"/> says so of; the rest goes back.</summary>
    private async Task<int> ForEachAsync(string queue, int limit, Func<BasicGetResult, CancellationToken, Task<bool>> isDone, CancellationToken cancellationToken)
    {
        await _oneLook.WaitAsync(cancellationToken);
        try
        {
            if (_channel is { IsOpen: false } closed)
            {
                _channel = null;
                await closed.DisposeAsync();
            }

            var channel = _channel ??= await _broker.OpenChannelAsync(confirms: false, cancellationToken);
            return await LookThroughAsync(channel, BrokerTopology.DeadLetterQueueOf(queue), limit, isDone, cancellationToken);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // Its service has not started yet.
            return 0;
        }
        catch
        {
            // What this look holds goes back when the channel closes.
            if (_channel is { } broken)
            {
                _channel = null;
                await broken.DisposeAsync();
            }

            throw;
        }
        finally
        {
            _oneLook.Release();
        }
    }

    /// <summary>
    /// Messages stay unacknowledged until the end, so that none is seen twice in one look. One channel serves all looks: the broker puts back and
    /// hands out in the channel's order, so that a look sees what the one before it put back.
    /// </summary>
    private static async Task<int> LookThroughAsync(
        IChannel channel, string name, int limit, Func<BasicGetResult, CancellationToken, Task<bool>> isDone, CancellationToken cancellationToken)
    {
        var (done, kept) = (0, 0UL);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < limit && await channel.BasicGetAsync(name, autoAck: false, cancellationToken) is { } message)
        {
            if (!seen.Add(IdOf(message)))
            {
                // It was sent again just now and has failed once more: that is for the next look.
                kept = message.DeliveryTag;
                break;
            }

            if (await isDone(message, cancellationToken))
            {
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
                done++;
            }
            else
            {
                kept = message.DeliveryTag;
            }
        }

        if (kept > 0)
        {
            await channel.BasicNackAsync(kept, multiple: true, requeue: true, cancellationToken);
        }

        return done;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }

        _oneLook.Dispose();
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

    private static bool IsMeant(BasicGetResult message, string? id) => id is null || IdOf(message) == id;

    /// <summary>The message id; a stranger's message may have none, then what it says tells it apart.</summary>
    private static string IdOf(BasicGetResult message) => message.BasicProperties.MessageId is { Length: > 0 } id
        ? id
        : "sha256-" + Convert.ToHexStringLower(SHA256.HashData(message.Body.Span))[..16];

    /// <summary>A plain trigger may have said only by its routing key what it is; where the broker moved it, that stands in a header.</summary>
    private static IReadOnlyBasicProperties Original(string queue, BasicGetResult message) =>
        queue == BrokerTopology.TriggerQueue && BrokerDeath.LastOf(message.BasicProperties.Headers) is { } death
            ? TriggerReader.Standalone(message.BasicProperties, death.RoutingKey, trigger: null)
            : message.BasicProperties;

    /// <summary>The broker's word counts before ours, which is of an earlier failure then.</summary>
    private static DeadLetter Describe(BasicGetResult message)
    {
        var headers = message.BasicProperties.Headers;
        var death = BrokerDeath.LastOf(headers);
        var reason = FailureHeaders.Text(headers, FailureHeaders.Reason);
        DateTimeOffset? failedAt = DateTimeOffset.TryParse(
            FailureHeaders.Text(headers, FailureHeaders.FailedAt), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var at) ? at : null;
        return new DeadLetter(
            IdOf(message),
            death is null ? reason ?? "unknown" : reason is null ? death.Explanation : $"{death.Explanation} Before that: {reason}",
            death is null ? FailureHeaders.Text(headers, FailureHeaders.Exception) ?? "" : "",
            death?.Time ?? failedAt,
            FailureHeaders.RetriesOf(headers),
            message.BasicProperties.ContentType ?? "",
            message.Body[..Math.Min(message.Body.Length, MostShownBytes)].ToArray(),
            message.Body.Length);
    }
}
