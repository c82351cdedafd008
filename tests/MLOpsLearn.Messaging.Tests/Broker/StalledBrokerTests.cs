using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Outbox;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>A broker that keeps its connections and answers nothing, as while it is paused or has no leader.</summary>
[Collection("broker queues")]
public sealed class StalledBrokerTests(BrokerFixture broker)
{
    private static ModelVersionCreated Created(int version) =>
        new(Workspaces.Default, "stalled", version, new string('a', 32), DateTimeOffset.UnixEpoch);

    [Fact]
    public async Task A_host_outlives_a_broker_that_stands_still_and_what_waited_has_its_effect_once()
    {
        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync());
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        await PublishAsync(host, 1);
        await host.Received.WaitForDeliveriesAsync(1);

        await broker.StandStillAsync(true);
        try
        {
            await PublishAsync(host, 2);
            var connection = host.Services.GetRequiredService<BrokerConnection>();
            await Task.WhenAll(
                Assert.ThrowsAsync<TimeoutException>(() => connection.PublishAsync(
                    BrokerTopology.Events, "stalled", new BasicProperties(), "{}"u8.ToArray(), mandatory: false, TestContext.Current.CancellationToken)),
                Assert.ThrowsAsync<TimeoutException>(() => connection.OpenChannelAsync(confirms: false, TestContext.Current.CancellationToken)));
            // The outbox' own attempt began as late as its look at the table; it is over by now, too.
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        }
        finally
        {
            await broker.StandStillAsync(false);
        }

        await host.Received.WaitForDeliveriesAsync(1);
        await PublishAsync(host, 3);
        await Eventually.HoldsAsync(() => host.Received.Effects.Contains(3));
        Assert.Equal([1, 2, 3], host.Received.Effects);
        Assert.False(lifetime.ApplicationStopping.IsCancellationRequested, "The host stopped.");
    }

    private static Task<int> PublishAsync(MessagingHost host, int version) => host.InScopeAsync(async notes =>
    {
        notes.PublishOnSave(Created(version), host.Time);
        return await notes.SaveChangesAsync(TestContext.Current.CancellationToken);
    });
}
