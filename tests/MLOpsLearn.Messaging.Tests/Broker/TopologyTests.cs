using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

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
        var declared = await DeclaredAsync(token);
        await host.Bus.PublishRowsAsync(Rows, token);

        Assert.Contains("returned", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.True(declared, "The queue was not declared again.");
        await using var look = await broker.ConnectAsync();
        await using var reader = await look.CreateChannelAsync(cancellationToken: token);
        Assert.Equal(Rows.Payload, (await reader.BasicGetAsync(Queue, autoAck: true, token))!.Body.ToArray());
    }

    private async Task<bool> DeclaredAsync(CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience.Wait)
        {
            try
            {
                await using var connection = await broker.ConnectAsync();
                await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                await channel.QueueDeclarePassiveAsync(Queue, cancellationToken);
                return true;
            }
            catch (Exception exception) when (exception is RabbitMQClientException or IOException)
            {
                await Task.Delay(200, cancellationToken);
            }
        }

        return false;
    }
}
