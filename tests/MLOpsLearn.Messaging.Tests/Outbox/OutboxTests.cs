using MassTransit;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Messaging.Tests.Outbox;

/// <summary>Events leave with the change they tell of, in order, and their repetition has no effect.</summary>
public sealed class OutboxTests
{
    private static ModelVersionCreated Created(int version) =>
        new(Workspaces.Default, "trip-duration", version, new string('a', 32), DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task Events_of_a_saved_change_arrive_in_order_and_leave_the_outbox()
    {
        await using var host = await MessagingHost.StartAsync();

        await host.InScopeAsync(async notes =>
        {
            foreach (var version in Enumerable.Range(1, 250))
            {
                notes.PublishOnSave(Created(version), host.Time);
            }

            return await notes.SaveChangesAsync(TestContext.Current.CancellationToken);
        });

        await host.Received.WaitForDeliveriesAsync(250);
        Assert.Equal(Enumerable.Range(1, 250), host.Received.Effects);
    }

    [Fact]
    public async Task An_event_of_a_change_that_is_rolled_back_never_leaves()
    {
        await using var host = await MessagingHost.StartAsync();

        await host.InScopeAsync(async notes =>
        {
            await using var transaction = await notes.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);
            notes.PublishOnSave(Created(1), host.Time);
            await notes.SaveChangesAsync(TestContext.Current.CancellationToken);
            await transaction.RollbackAsync(TestContext.Current.CancellationToken);
            return 0;
        });
        await host.InScopeAsync(async notes =>
        {
            notes.PublishOnSave(Created(2), host.Time);
            return await notes.SaveChangesAsync(TestContext.Current.CancellationToken);
        });

        await host.Received.WaitForDeliveriesAsync(1);
        Assert.Equal([2], host.Received.Effects);
    }

    [Fact]
    public async Task A_message_that_comes_twice_has_one_effect()
    {
        await using var host = await MessagingHost.StartAsync();
        var id = Guid.CreateVersion7();

        await host.Bus.Publish(Created(7), publish => publish.MessageId = id, TestContext.Current.CancellationToken);
        await host.Bus.Publish(Created(7), publish => publish.MessageId = id, TestContext.Current.CancellationToken);

        await host.Received.WaitForDeliveriesAsync(2);
        Assert.Equal([7], host.Received.Effects);
        Assert.Equal(1, await host.InScopeAsync(notes => notes.Notes.CountAsync(TestContext.Current.CancellationToken)));
    }
}
