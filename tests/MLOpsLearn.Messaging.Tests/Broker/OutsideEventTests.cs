using System.Text.Json;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Outbox;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Broker;

/// <summary>What the services tell each other, outsiders can hear as CloudEvents.</summary>
[Collection("broker queues")]
public sealed class OutsideEventTests(BrokerFixture broker)
{
    [Fact]
    public async Task Events_of_the_outbox_are_CloudEvents_on_the_exchange_for_outsiders_and_still_reach_our_own_consumers()
    {
        var token = TestContext.Current.CancellationToken;
        await using var host = await MessagingHost.StartAsync(await broker.AddressAsync());
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        await channel.ExchangeDeclareAsync(BrokerTopology.Events, ExchangeType.Topic, durable: true, cancellationToken: token);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: token)).QueueName;
        await channel.QueueBindAsync(queue, BrokerTopology.Events, "mlopslearn.registry.#", cancellationToken: token);

        using var trace = new System.Diagnostics.Activity("change").Start();
        await host.InScopeAsync(async notes =>
        {
            notes.PublishOnSave(new ModelVersionCreated(Workspaces.Default, "trip-duration", 7, new string('a', 32), DateTimeOffset.UnixEpoch), host.Time);
            return await notes.SaveChangesAsync(token);
        });
        await host.Received.WaitForDeliveriesAsync(1);

        var message = await Eventually.SeeAsync(() => channel.BasicGetAsync(queue, autoAck: true, token), found => found is not null);
        Assert.StartsWith("application/cloudevents+json", message!.BasicProperties.ContentType, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(message.Body);
        var root = json.RootElement;
        Assert.Equal("1.0", root.GetProperty("specversion").GetString());
        Assert.Equal("mlopslearn.registry.model-version-created.v1", root.GetProperty("type").GetString());
        Assert.Equal("/mlopslearn/registry", root.GetProperty("source").GetString());
        Assert.Equal(message.BasicProperties.MessageId, root.GetProperty("id").GetString());
        Assert.Contains(trace.TraceId.ToString(), root.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
        Assert.Equal(("trip-duration", 7), (root.GetProperty("data").GetProperty("model").GetString(), root.GetProperty("data").GetProperty("version").GetInt32()));
    }
}
