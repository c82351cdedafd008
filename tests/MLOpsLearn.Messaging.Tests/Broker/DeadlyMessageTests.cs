using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Failures;
using MLOpsLearn.Messaging.Triggers;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>On a real broker: a message whose consumers die again and again is a dead letter of the broker's own making, past our code.</summary>
[Collection("broker queues")]
public sealed class DeadlyMessageTests(BrokerFixture broker)
{
    private const string Died = "Its consumers died or lost their connection each time that it was delivered.";

    [Theory]
    [InlineData(TriggerTypes.DataAvailable, null, TriggerTypes.DataAvailable)]
    [InlineData("prices", TriggerTypes.LabelsArrived, TriggerTypes.LabelsArrived)]
    [InlineData("prices", null, TriggerTypes.RetrainRequested)]
    public async Task A_trigger_is_shown_with_a_reason_and_means_the_same_when_it_is_sent_again(string routingKey, string? type, string meaning)
    {
        await using var desk = new Desk(await broker.AddressAsync());
        await using var connection = await PreparedAsync(BrokerTopology.TriggerQueue);
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), TestContext.Current.CancellationToken))
        {
            // It fits every type's schema.
            await channel.BasicPublishAsync(
                BrokerTopology.Triggers, routingKey, mandatory: true, new BasicProperties { Type = type, CorrelationId = "c-1", Persistent = true }, """{"model":"m","endpoint":"e","dataset":"d","uri":"file:///d.csv","severity":"critical"}"""u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await DieAsync(connection, BrokerTopology.TriggerQueue);
        var letter = await desk.OneAsync(BrokerTopology.TriggerQueue);

        Assert.Equal((Died, "", 0), (letter.Reason, letter.Exception, letter.Retries));
        Assert.InRange(letter.FailedAt!.Value, TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(2), TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(2));
        Assert.Equal(1, await desk.Letters.ResendAsync(BrokerTopology.TriggerQueue, letter.Id, TestContext.Current.CancellationToken));

        await using var reader = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
        var again = await reader.BasicGetAsync(BrokerTopology.TriggerQueue, autoAck: true, TestContext.Current.CancellationToken);
        var read = TriggerReader.Read(again!.BasicProperties, again.RoutingKey, again.Body, DateTimeOffset.UnixEpoch);
        Assert.Equal((meaning, "c-1"), (read.Type, read.Id));
        Assert.DoesNotContain(again.BasicProperties.Headers ?? new Dictionary<string, object?>(), header => header.Key.StartsWith("x-death", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_event_that_failed_before_names_both_and_is_handled_when_it_is_sent_again()
    {
        const string Queue = "registry.training-completed";
        var address = await broker.AddressAsync();
        await using var desk = new Desk(address);
        await using var connection = await PreparedAsync(Queue);
        await using var sender = await MessagingHost.StartAsync(address);
        await sender.Bus.Publish(
            new TrainingCompleted(Workspaces.Default, "job-9", "p", "m", "succeeded", new string('a', 32), 1, "promoted", "", DateTimeOffset.UnixEpoch), TestContext.Current.CancellationToken);

        // As the router leaves a message that comes back from a long retry.
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), TestContext.Current.CancellationToken))
        {
            var message = await channel.BasicGetAsync(Queue, autoAck: true, TestContext.Current.CancellationToken);
            var copy = FailureHeaders.CopyOf(message!.BasicProperties);
            copy.Headers![FailureHeaders.Reason] = "the database is away";
            copy.Headers[FailureHeaders.Retries] = 1;
            await channel.BasicPublishAsync("", Queue, mandatory: true, copy, message.Body, TestContext.Current.CancellationToken);
        }

        await DieAsync(connection, Queue);
        var letter = await desk.OneAsync(Queue);
        Assert.Equal(($"{Died} Before that: the database is away", 1), (letter.Reason, letter.Retries));
        Assert.Contains("job-9", Encoding.UTF8.GetString(letter.Body.Span), StringComparison.Ordinal);

        var judge = new FailureTests.Judge();
        await using var host = await MessagingHost.StartAsync(address, builder =>
        {
            builder.Services.AddSingleton(judge);
            builder.AddEventConsumer<FailureTests.JudgedConsumer>(Queue);
        });
        Assert.Equal(1, await desk.Letters.ResendAsync(Queue, id: null, TestContext.Current.CancellationToken));
        await judge.HandledAsync("job-9");
    }

    /// <summary>A connection, and the queue empty.</summary>
    private async Task<IConnection> PreparedAsync(string queue)
    {
        await broker.EmptyAsync(queue);
        return await broker.ConnectAsync();
    }

    /// <summary>One consumer after the other takes the message and is gone without a word.</summary>
    private static async Task DieAsync(IConnection connection, string queue)
    {
        for (var delivery = 0; delivery <= BrokerTopology.DeliveryLimit; delivery++)
        {
            await Eventually.HoldsAsync(async () =>
            {
                await using var channel = await connection.CreateChannelAsync(cancellationToken: TestContext.Current.CancellationToken);
                return await channel.BasicGetAsync(queue, autoAck: false, TestContext.Current.CancellationToken) is not null;
            });
        }
    }

    private sealed class Desk : IAsyncDisposable
    {
        private readonly BrokerConnection _connection;

        public Desk(string address)
        {
            _connection = new BrokerConnection(address);
            Letters = new DeadLetterDesk(_connection);
        }

        public DeadLetterDesk Letters { get; }

        public async Task<DeadLetter> OneAsync(string queue)
        {
            IReadOnlyList<DeadLetter> letters = [];
            await Eventually.HoldsAsync(async () => (letters = await Letters.PeekAsync(queue, 10, TestContext.Current.CancellationToken)).Count > 0);
            // What the look put back is counted again a moment later.
            await Eventually.HoldsAsync(async () => (await Letters.ListAsync(TestContext.Current.CancellationToken)).Single(depth => depth.Queue == queue).Dead == 1);
            return Assert.Single(letters);
        }

        public async ValueTask DisposeAsync()
        {
            await Letters.DisposeAsync();
            await _connection.DisposeAsync();
        }
    }
}
