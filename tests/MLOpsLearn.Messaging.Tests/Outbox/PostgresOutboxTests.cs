using MassTransit;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Messaging.Tests.Broker;

namespace MLOpsLearn.Messaging.Tests.Outbox;

/// <summary>Outbox and inbox on a real PostgreSQL with a real broker behind: nothing lost, nothing done twice, in order.</summary>
[Collection("broker queues")]
public sealed class PostgresOutboxTests(BrokerFixture broker, DatabaseFixture databases)
{
    private const string NoBroker = "amqp://127.0.0.1:1";
    private const string Queue = "tests.model-version-created";

    [Fact]
    public async Task Events_of_a_saved_change_arrive_in_order_and_leave_the_outbox()
    {
        await EmptyAsync();
        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync(), database: await databases.NewDatabaseAsync());

        await SaveAsync(host, Enumerable.Range(1, 250));

        await host.Received.WaitForDeliveriesAsync(250);
        Assert.Equal(Enumerable.Range(1, 250), host.Received.Effects);
        await EmptiedAsync(host);
    }

    [Fact]
    public async Task What_was_committed_before_a_crash_is_published_after_it()
    {
        await EmptyAsync();
        var database = await databases.NewDatabaseAsync();
        await using (var crashed = await MessagingHost.StartAsync(NoBroker, database: database))
        {
            await SaveAsync(crashed, [1, 2, 3]);
            Assert.Equal(3, await WaitingAsync(crashed));
        }

        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync(), database: database);

        await host.Received.WaitForDeliveriesAsync(3);
        Assert.Equal([1, 2, 3], host.Received.Effects);
    }

    [Fact]
    public async Task An_event_that_was_published_before_a_crash_but_not_yet_forgotten_has_one_effect()
    {
        await EmptyAsync();
        var database = await databases.NewDatabaseAsync();
        OutboxMessage published;
        await using (var crashed = await MessagingHost.StartAsync(NoBroker, database: database))
        {
            await SaveAsync(crashed, [7]);
            published = await crashed.InScopeAsync(notes => notes.Set<OutboxMessage>().SingleAsync(TestContext.Current.CancellationToken));
        }

        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync(), database: database);
        await host.Received.WaitForDeliveriesAsync(1);
        await EmptiedAsync(host);
        // Its row again, as a crash between publishing and forgetting would have left it.
        await host.InScopeAsync(async notes =>
        {
            notes.Add(new OutboxMessage { MessageId = published.MessageId, EventName = published.EventName, Body = published.Body, CreatedAt = published.CreatedAt });
            return await notes.SaveChangesAsync(TestContext.Current.CancellationToken);
        });

        await host.Received.WaitForDeliveriesAsync(1);
        Assert.Equal([7], host.Received.Effects);
    }

    [Fact]
    public async Task Two_replicas_on_one_outbox_give_each_event_one_effect()
    {
        await EmptyAsync();
        var database = await databases.NewDatabaseAsync();
        await using (var crashed = await MessagingHost.StartAsync(NoBroker, database: database))
        {
            await SaveAsync(crashed, Enumerable.Range(1, 100));
        }

        await using var first = await MessagingHost.StartAsync(await broker.AddressAsync(), database: database);
        await using var second = await MessagingHost.StartAsync(await broker.AddressAsync(), database: database);
        await EmptiedAsync(first);

        // Each replica also consumes: together they have every effect once.
        await Eventually.HoldsAsync(() => first.Received.Effects.Count + second.Received.Effects.Count == 100);
        Assert.Equal(Enumerable.Range(1, 100), first.Received.Effects.Concat(second.Received.Effects).Order());
        Assert.Equal(100, await first.InScopeAsync(notes => notes.Notes.CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Messages_that_come_twice_and_out_of_order_have_one_effect_each()
    {
        await EmptyAsync();
        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync(), database: await databases.NewDatabaseAsync());
        var random = new Random(3);
        var ids = Enumerable.Range(0, 40).Select(_ => Guid.CreateVersion7()).ToList();

        foreach (var version in Enumerable.Range(0, 40).Concat(Enumerable.Range(0, 40)).OrderBy(_ => random.Next()))
        {
            await host.Bus.Publish(Created(version), publish => publish.MessageId = ids[version], TestContext.Current.CancellationToken);
        }

        await host.Received.WaitForDeliveriesAsync(80);
        Assert.Equal(Enumerable.Range(0, 40), host.Received.Effects.Order());
        Assert.Equal(40, await host.InScopeAsync(notes => notes.Notes.CountAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Events_committed_while_the_broker_dies_and_comes_back_all_have_their_effect()
    {
        await EmptyAsync();
        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync(), database: await databases.NewDatabaseAsync());
        await SaveAsync(host, [1]);
        await host.Received.WaitForDeliveriesAsync(1);

        await broker.KillSettledAsync();
        foreach (var version in Enumerable.Range(2, 50))
        {
            await SaveAsync(host, [version]);
        }

        await Eventually.HoldsAsync(() => host.Received.Effects.Count == 51);
        Assert.Equal(Enumerable.Range(1, 51), host.Received.Effects.Order());
        await EmptiedAsync(host);
    }

    private static ModelVersionCreated Created(int version) =>
        new(Workspaces.Default, "trip-duration", version, new string('a', 32), DateTimeOffset.UnixEpoch);

    private static Task SaveAsync(MessagingHost host, IEnumerable<int> versions) => host.InScopeAsync(async notes =>
    {
        foreach (var version in versions)
        {
            notes.PublishOnSave(Created(version), host.Time);
        }

        return await notes.SaveChangesAsync(TestContext.Current.CancellationToken);
    });

    private static Task<int> WaitingAsync(MessagingHost host) => host.InScopeAsync(notes => notes.Set<OutboxMessage>().CountAsync(TestContext.Current.CancellationToken));

    private static Task EmptiedAsync(MessagingHost host) => Eventually.SeeAsync(() => WaitingAsync(host), waiting => waiting == 0);

    /// <summary>The queue is there before anything is published, as the product's own are, and holds nothing of an earlier test.</summary>
    private Task EmptyAsync() => broker.EmptyAsync(new ProductQueue(Queue, "mlopslearn.registry.model-version-created.v1"));
}
