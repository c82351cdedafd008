using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Failures;
using MLOpsLearn.Messaging.Tests.Broker;
using MLOpsLearn.Messaging.Triggers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace MLOpsLearn.Messaging.Tests.Triggers;

/// <summary>The door on a real broker, knocked at by a script in another language.</summary>
[Collection("broker queues")]
public sealed class TriggerDoorTests(BrokerFixture broker)
{
    private static readonly string[] Pythons = ["/usr/bin/python3", "python3"];

    [Fact]
    public async Task A_script_in_another_language_is_answered_and_what_is_bad_is_kept_with_its_reason()
    {
        var python = Pythons.FirstOrDefault(HasPika);
        Assert.SkipWhen(python is null, "skipped: python3 with pika is not installed");
        var door = new Door();
        await using var host = await StartAsync(door);

        var answers = await RunAsync(python, await broker.AddressAsync());

        Assert.Equal("accepted", answers["plain"].GetProperty("status").GetString());
        Assert.Equal("job-p-1", answers["plain"].GetProperty("job_id").GetString());
        Assert.Equal("duplicate", answers["plain-again"].GetProperty("status").GetString());
        Assert.All(["structured", "binary", "labels", "after"], name => Assert.Equal("accepted", answers[name].GetProperty("status").GetString()));
        Assert.All(["nonsense", "no-model", "unknown-model"], name => Assert.Equal("refused", answers[name].GetProperty("status").GetString()));
        Assert.Contains("model", answers["no-model"].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(["p-1", "p-1", "s-1", "b-1", "l-1", "u-1", "evil-1", "l-2"], door.Seen.Select(trigger => trigger.Id));

        var desk = host.Services.GetRequiredService<DeadLetterDesk>();
        var letters = await desk.PeekAsync(BrokerTopology.TriggerQueue, 10, TestContext.Current.CancellationToken);
        Assert.Equal(3, letters.Count);
        Assert.Contains("not JSON", letters[0].Reason, StringComparison.Ordinal);
        Assert.Contains("nobody", letters[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_fails_for_a_moment_is_asked_again_and_the_trigger_keeps_its_trace()
    {
        var door = new Door { FailuresLeft = 2 };
        await using var host = await StartAsync(door);
        var token = TestContext.Current.CancellationToken;
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        using var listener = new ActivityListener { ShouldListenTo = source => source.Name == "MLOpsLearn.Messaging", Sample = (ref _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);

        var properties = new BasicProperties { MessageId = "t-1", Headers = new Dictionary<string, object?> { ["traceparent"] = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01" } };
        await channel.BasicPublishAsync(BrokerTopology.Triggers, "k", false, properties, """{"model":"m"}"""u8.ToArray(), token);

        await Eventually.HoldsAsync(() => door.Traces.Count == 3);
        Assert.All(door.Traces, trace => Assert.Equal("0123456789abcdef0123456789abcdef", trace));
    }

    [Fact]
    public async Task A_plain_trigger_that_its_routing_key_names_means_the_same_after_a_long_retry()
    {
        // One attempt and three short retries fail; the fifth is that of the copy.
        var door = new Door { FailuresLeft = 4 };
        await using var host = await StartAsync(door);
        var token = TestContext.Current.CancellationToken;
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), token);

        await channel.BasicPublishAsync(BrokerTopology.Triggers, TriggerTypes.LabelsArrived, """{"endpoint":"e"}"""u8.ToArray(), token);

        await Eventually.HoldsAsync(() => !door.Seen.IsEmpty);
        var seen = Assert.Single(door.Seen);
        Assert.Equal(TriggerTypes.LabelsArrived, seen.Type);
        Assert.Equal(5, door.Asked.Count);
        Assert.All(door.Asked, asked => Assert.Equal(seen.Key, asked.Key));
    }

    [Fact]
    public async Task A_dead_plain_trigger_that_is_sent_again_keeps_the_type_of_its_routing_key_and_its_id()
    {
        var door = new Door { RefusesAll = true };
        await using var host = await StartAsync(door);
        var token = TestContext.Current.CancellationToken;
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), token);
        // It fits every type's schema.
        var body = """{"model":"m","endpoint":"e","dataset":"d","uri":"file:///d.csv","reason":"r"}"""u8.ToArray();
        foreach (var type in TriggerTypes.All)
        {
            await channel.BasicPublishAsync(BrokerTopology.Triggers, type, true, new BasicProperties { CorrelationId = $"c-{type}" }, body, token);
        }

        var desk = host.Services.GetRequiredService<DeadLetterDesk>();
        await Eventually.SeeAsync(async () => (await desk.PeekAsync(BrokerTopology.TriggerQueue, 10, token)).Count, dead => dead == TriggerTypes.All.Count);

        door.RefusesAll = false;
        Assert.Equal(TriggerTypes.All.Count, await desk.ResendAsync(BrokerTopology.TriggerQueue, null, token));

        await Eventually.HoldsAsync(() => door.Seen.Count == TriggerTypes.All.Count);
        Assert.Equal(TriggerTypes.All.Select(type => (type, $"c-{type}")), door.Seen.Select(seen => (seen.Type, seen.Id)));
    }

    [Fact]
    public async Task Triggers_sent_while_the_broker_dies_and_comes_back_are_handled()
    {
        var door = new Door();
        await using var host = await StartAsync(door);
        await PublishAsync("k-1");
        await Eventually.HoldsAsync(() => door.Seen.Any(trigger => trigger.Id == "k-1"));

        await broker.KillSettledAsync();
        await PublishAsync("k-2");

        await Eventually.HoldsAsync(() => door.Seen.Any(trigger => trigger.Id == "k-2"));
    }

    [Fact]
    public async Task An_outsider_may_publish_triggers_and_nothing_else()
    {
        Assert.SkipUnless(File.Exists(BrokerFixture.Control), "skipped: rabbitmqctl is not where Debian puts it");
        await using var host = await StartAsync(new Door());
        await broker.ControlAsync("add_user", "outsider", "outsiders-password");
        await broker.ControlAsync("set_permissions", "outsider", "^$", @"^mlops\.triggers$", "^$");
        var token = TestContext.Current.CancellationToken;
        var address = new UriBuilder(await broker.AddressAsync()) { UserName = "outsider", Password = "outsiders-password" }.Uri;
        await using var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync(token);

        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), token))
        {
            await channel.BasicPublishAsync(BrokerTopology.Triggers, "k", """{"endpoint":"e","type":"mlops.labels.arrived"}"""u8.ToArray(), token);
        }

        foreach (var exchange in new[] { "", BrokerTopology.Events, "mlopslearn.inference.predictions-served.v1" })
        {
            await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), token);
            await Assert.ThrowsAnyAsync<RabbitMQClientException>(async () => await channel.BasicPublishAsync(exchange, BrokerTopology.TriggerQueue, "{}"u8.ToArray(), token));
        }
    }

    [Fact]
    public async Task A_bad_message_of_a_named_sender_with_a_time_to_live_and_forged_headers_is_kept_with_its_reason()
    {
        await using var host = await StartAsync(new Door());
        var token = TestContext.Current.CancellationToken;
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), token);
        var properties = new BasicProperties
        {
            UserId = new Uri(await broker.AddressAsync()).UserInfo.Split(':')[0],
            Expiration = "60000",
            Headers = new Dictionary<string, object?> { ["mlops-retries"] = -7, ["mlops-reason"] = "all is well", ["x-first-death-reason"] = "delivery_limit" },
        };

        await channel.BasicPublishAsync(BrokerTopology.Triggers, "k", true, properties, "{ nonsense"u8.ToArray(), token);

        var desk = host.Services.GetRequiredService<DeadLetterDesk>();
        var letters = await Eventually.SeeAsync(() => desk.PeekAsync(BrokerTopology.TriggerQueue, 10, token), dead => dead.Count > 0);
        Assert.Contains("not JSON", Assert.Single(letters).Reason, StringComparison.Ordinal);
        var kept = await channel.BasicGetAsync(BrokerTopology.DeadLetterQueueOf(BrokerTopology.TriggerQueue), autoAck: true, token);
        Assert.Equal((false, false), (kept!.BasicProperties.IsExpirationPresent(), kept.BasicProperties.IsUserIdPresent()));
    }

    private async Task<MessagingHost> StartAsync(Door door)
    {
        var address = await broker.AddressAsync();
        await broker.EmptyAsync(BrokerTopology.TriggerQueue);
        var host = await MessagingHost.StartAsync(address, builder =>
        {
            builder.Services.AddSingleton(door);
            builder.AddTriggerHandler<DoorHandler>();
            // Pauses between attempts are real here: only the outbox' clock stands still.
            builder.Services.AddSingleton(TimeProvider.System);
        });
        var desk = host.Services.GetRequiredService<DeadLetterDesk>();
        await Eventually.HoldsAsync(async () => (await desk.ListAsync(TestContext.Current.CancellationToken)).Single(queue => queue.Queue == BrokerTopology.TriggerQueue).Consumers > 0);
        return host;
    }

    /// <summary>As an outsider with patience: until the broker has the message safely.</summary>
    private async Task PublishAsync(string id)
    {
        var token = TestContext.Current.CancellationToken;
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = await broker.ConnectAsync();
                await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true), token);
                await channel.BasicPublishAsync(BrokerTopology.Triggers, "k", true, new BasicProperties { MessageId = id, Persistent = true }, """{"model":"m"}"""u8.ToArray(), token);
                return;
            }
            catch (Exception exception) when (attempt < 60 && exception is RabbitMQClientException or IOException)
            {
                await Task.Delay(500, token);
            }
        }
    }

    private static bool HasPika(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import pika"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<Dictionary<string, JsonElement>> RunAsync(string python, string address)
    {
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "Triggers", "triggers.py"), address]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (code, output, errors) = await process.EndAsync();
        Assert.True(code == 0, errors);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(line => line.GetProperty("name").GetString()!, line => line.GetProperty("answer"));
    }

    internal sealed class Door
    {
        public ConcurrentQueue<OutsideTrigger> Seen { get; } = new();

        public ConcurrentQueue<string?> Traces { get; } = new();

        public ConcurrentQueue<OutsideTrigger> Asked { get; } = new();

        public int FailuresLeft { get; set; }

        public bool RefusesAll { get; set; }
    }

    internal sealed class DoorHandler(Door door) : ITriggerHandler
    {
        public Task<TriggerAnswer> HandleAsync(OutsideTrigger trigger, CancellationToken cancellationToken)
        {
            door.Asked.Enqueue(trigger);
            if (door.RefusesAll)
            {
                throw new BadTriggerException("model: is made by no pipeline yet.");
            }

            door.Traces.Enqueue(Activity.Current?.TraceId.ToString());
            if (door.FailuresLeft > 0)
            {
                door.FailuresLeft--;
                throw new TimeoutException("the database is away");
            }

            var isNew = door.Seen.All(seen => seen.Key != trigger.Key);
            door.Seen.Enqueue(trigger);
            return trigger.Text("model") == "nobody"
                ? throw new BadTriggerException("model: 'nobody' is made by no pipeline.")
                : Task.FromResult(new TriggerAnswer(isNew ? TriggerAnswer.Accepted : TriggerAnswer.Duplicate, "Done.", "job-" + trigger.Id));
        }
    }
}
