using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>A queue whose member is lost in a crash is started empty by the broker, without a leader; it must be usable again all the same.</summary>
public sealed class LeaderlessQueueTests : IAsyncDisposable
{
    private const string Queue = "leaderless";
    private static readonly Dictionary<string, object?> Arguments = new() { ["x-queue-type"] = "quorum" };

    // One of its own: the engine gives a broker up that dies too often within a short time.
    private readonly BrokerFixture _broker = new();

    public ValueTask DisposeAsync() => _broker.DisposeAsync();

    [Fact]
    public async Task A_queue_that_a_crash_left_without_a_leader_takes_messages_again()
    {
        Assert.SkipUnless(File.Exists(BrokerFixture.Control), "skipped: rabbitmqctl is not where Debian puts it");
        var token = TestContext.Current.CancellationToken;
        await using (var connection = await _broker.ConnectAsync())
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, Arguments, cancellationToken: token);
        }

        // What a kill within moments of the declaration leaves behind.
        await _broker.ControlAsync("eval", $"ra:force_delete_server(quorum_queues, {{'%2F_{Queue}', node()}}), dets:sync(ra_directory_reverse).");
        _broker.Kill();

        Assert.Equal("x", await RoundTripAsync(token));
    }

    private async Task<string> RoundTripAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await using var connection = await _broker.ReconnectAsync(limit.Token);
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), limit.Token);
        await channel.BasicPublishAsync("", Queue, mandatory: true, "x"u8.ToArray(), limit.Token);
        var received = new TaskCompletionSource<string>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            received.TrySetResult(System.Text.Encoding.UTF8.GetString(message.Body.Span));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(Queue, autoAck: true, consumer, limit.Token);
        var body = await received.Task.WaitAsync(limit.Token);
        await channel.QueueDeleteAsync(Queue, cancellationToken: limit.Token);
        return body;
    }
}
