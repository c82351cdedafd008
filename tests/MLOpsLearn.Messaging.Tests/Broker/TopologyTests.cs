using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Bus;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>Queues are there before anything is published, and rows that no queue takes are not taken for published.</summary>
[Collection("broker queues")]
public sealed class TopologyTests(BrokerFixture broker)
{
    private const string Queue = "monitoring.predictions-served";
    private static readonly PredictionsServed Rows = new(Guid.CreateVersion7(), "default", "topology", 1, [1, 2, 3]);

    [Fact]
    public async Task A_broker_that_comes_back_without_a_queue_gets_it_again_and_until_then_rows_are_not_published()
    {
        var token = TestContext.Current.CancellationToken;
        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync());
        await using (var connection = await broker.ConnectAsync())
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
            await channel.QueueDeleteAsync(Queue, cancellationToken: token);
        }

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.Bus.PublishRowsAsync(Rows, token));
        await broker.KillSettledAsync();
        await Eventually.HoldsAsync(() => IsTakenAsync(host, token), "the queue is declared and bound again");

        Assert.Contains("returned", refused.Message, StringComparison.OrdinalIgnoreCase);
        await using var look = await broker.ConnectAsync();
        await using var reader = await look.CreateChannelAsync(cancellationToken: token);
        Assert.Equal(Rows.Payload, (await reader.BasicGetAsync(Queue, autoAck: true, token))!.Body.ToArray());
    }

    /// <summary>The queue is there a moment before it is bound, and the broker only after it has started: rows are given until they are taken, as inference does it.</summary>
    private static async Task<bool> IsTakenAsync(MessagingHost host, CancellationToken cancellationToken)
    {
        try
        {
            await Confirmation.AwaitAsync(given => host.Bus.PublishRowsAsync(Rows, given), TimeProvider.System, cancellationToken);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
