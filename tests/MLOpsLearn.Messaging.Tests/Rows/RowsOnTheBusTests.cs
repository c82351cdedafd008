using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Messaging.Broker;
using MLOpsLearn.Messaging.Bus;
using MLOpsLearn.Messaging.Failures;
using MLOpsLearn.Messaging.Tests.Broker;
using RabbitMQ.Client;

namespace MLOpsLearn.Messaging.Tests.Rows;

/// <summary>Batches of served rows between inference and monitoring on a real broker.</summary>
[Collection("broker queues")]
public sealed class RowsOnTheBusTests(BrokerFixture broker, DatabaseFixture databases)
{
    private const string Queue = "monitoring.predictions-served";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Batches_that_come_twice_and_out_of_order_are_stored_once()
    {
        await using var rig = await RowsRig.StartAsync(await broker.AddressAsync(), await databases.NewDatabaseAsync());
        var random = new Random(4);
        var batches = Enumerable.Range(0, 60).Select(Batch).ToList();

        await Task.WhenAll(batches.Concat(batches).OrderBy(_ => random.Next()).Select(batch => rig.Bus.PublishRowsAsync(batch, TestContext.Current.CancellationToken)));

        await StoredAsync(rig, 3000);
        await DrainedAsync(rig);
        var status = await rig.StatusAsync();
        Assert.Equal((3000, 0, 0), (status.StoredRows, status.DuplicateRows, status.ConflictingRows));
        Assert.Equal(Start.AddMinutes(59), status.Watermark.ToDateTimeOffset());
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_is_a_dead_letter_and_those_beside_it_are_stored()
    {
        await using var rig = await RowsRig.StartAsync(await broker.AddressAsync(), await databases.NewDatabaseAsync());
        var bad = PredictionBatch.Parser.ParseFrom(Batch(999).Payload);
        bad.Columns.RemoveAt(0);
        var batches = Enumerable.Range(0, 30).Select(Batch).ToList();
        var spoiled = new PredictionsServed(Guid.Parse(bad.BatchId), "default", RowsRig.Endpoint, 50, bad.ToByteArray());
        var nonsense = new PredictionsServed(Guid.CreateVersion7(), "default", RowsRig.Endpoint, 50, "\u00ff nonsense"u8.ToArray());

        await Task.WhenAll(batches.Take(15).Append(spoiled).Append(nonsense).Concat(batches.Skip(15)).Select(batch => rig.Bus.PublishRowsAsync(batch, TestContext.Current.CancellationToken)));

        await StoredAsync(rig, 1500);
        var desk = rig.MonitoringServices.GetRequiredService<DeadLetterDesk>();
        IReadOnlyList<Failures.DeadLetter> letters = [];
        await RowsRig.EventuallyAsync(
            async () => (letters = await desk.PeekAsync(Queue, 10, TestContext.Current.CancellationToken)).Count >= 2, () => Task.FromResult($"{letters.Count} dead letters"));
        Assert.Equal(new[] { spoiled.BatchId, nonsense.BatchId }.Order(), letters.Select(letter => Guid.Parse(letter.Id)).Order());
        Assert.Contains("batch.columns", letters.Single(letter => letter.Id == spoiled.BatchId.ToString()).Reason, StringComparison.Ordinal);
        foreach (var letter in letters)
        {
            await desk.DiscardAsync(Queue, letter.Id, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task On_the_wire_a_batch_is_a_binary_CloudEvent_that_outsiders_get_as_well()
    {
        var token = TestContext.Current.CancellationToken;
        await using var rig = await RowsRig.StartAsync(await broker.AddressAsync(), await databases.NewDatabaseAsync());
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: token)).QueueName;
        await channel.QueueBindAsync(queue, BrokerTopology.Events, "mlopslearn.inference.predictions-served.v1", cancellationToken: token);
        var batch = Batch(0);

        await rig.Bus.PublishRowsAsync(batch, token);

        BasicGetResult? message = null;
        await RowsRig.EventuallyAsync(async () => (message = await channel.BasicGetAsync(queue, autoAck: true, token)) is not null, () => Task.FromResult("no message"));
        Assert.Equal(batch.Payload, message!.Body.ToArray());
        Assert.Equal(("application/protobuf", batch.BatchId.ToString()), (message.BasicProperties.ContentType, message.BasicProperties.MessageId));
        string Header(string name) => Encoding.UTF8.GetString((byte[])message.BasicProperties.Headers![$"cloudEvents:{name}"]!);
        Assert.Equal(("1.0", batch.BatchId.ToString(), "mlopslearn.inference.predictions-served.v1", "/mlopslearn/inference"), (Header("specversion"), Header("id"), Header("type"), Header("source")));
        Assert.Equal(("default", RowsRig.Endpoint, "50"), (Header("workspace"), Header("endpoint"), Header("rows")));
        Assert.True(message.BasicProperties.Persistent);
    }

    private static PredictionsServed Batch(int number)
    {
        var served = RowsRig.Served($"request-{number}", 50, Start.AddMinutes(number));
        var open = new OpenBatch(served.Endpoint, Start);
        open.Take(served, 0);
        var id = Guid.CreateVersion7();
        return new PredictionsServed(id, "default", RowsRig.Endpoint, 50, BatchWriter.Write(open, id).ToByteArray());
    }

    private static Task StoredAsync(RowsRig rig, long rows) => RowsRig.EventuallyAsync(
        async () => (await rig.StatusAsync()).StoredRows >= rows, async () => $"{rows} rows were to be stored: {await rig.StatusAsync()}");

    private static Task DrainedAsync(RowsRig rig) => RowsRig.EventuallyAsync(
        async () => (await rig.MonitoringServices.GetRequiredService<DeadLetterDesk>().ListAsync(TestContext.Current.CancellationToken)).Single(queue => queue.Queue == Queue) is { Ready: 0, Waiting: 0, Dead: 0 },
        () => Task.FromResult("The queue was not worked off."));
}
