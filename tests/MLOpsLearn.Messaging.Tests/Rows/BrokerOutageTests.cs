using System.Diagnostics.Metrics;
using MLOpsLearn.Inference;
using MLOpsLearn.Messaging.Tests.Broker;

namespace MLOpsLearn.Messaging.Tests.Rows;

/// <summary>The broker dies while rows are served: within the buffer each counts once afterwards, beyond it each lost one is counted and shown.</summary>
[Collection("broker queues")]
public sealed class BrokerOutageTests(BrokerFixture broker, DatabaseFixture databases)
{
    /// <summary>What the product promises to bridge.</summary>
    private const int PromisedRows = 60 * 5000;
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_row_that_was_answered_while_the_broker_was_killed_is_stored_once()
    {
        await using var rig = await RowsRig.StartAsync(await broker.AddressAsync(), await databases.NewDatabaseAsync());
        await SendAsync(rig, 0, requests: 100, rows: 100, TimeSpan.FromMilliseconds(10));

        await Task.WhenAll(broker.KillSettledAsync(), SendAsync(rig, 100, requests: 500, rows: 100, TimeSpan.FromMilliseconds(15)));
        await StoredAsync(rig, 60_000);
        await SendAsync(rig, 600, requests: 10, rows: 100, TimeSpan.Zero);
        await StoredAsync(rig, 61_000);

        var (sent, stored) = (rig.Buffer.StatusOf(RowsRig.Endpoint), await rig.StatusAsync());
        Assert.Equal((61_000, 61_000, 0, 0), (sent.CapturedRows, sent.PublishedRows, sent.WaitingRows, sent.LostRows));
        Assert.Equal((61_000, 0, 0, 0), (stored.StoredRows, stored.DuplicateRows, stored.ConflictingRows, stored.LostRows));
    }

    [Fact]
    public async Task Rows_above_the_buffer_are_counted_at_the_endpoint_in_the_metric_and_in_monitoring()
    {
        var metric = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Name == "mlopslearn.inference.capture.lost")
                {
                    meters.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, rows, _, _) => Interlocked.Add(ref metric, rows));
        listener.Start();
        await using var rig = await RowsRig.StartAsync(await broker.AddressAsync(), await databases.NewDatabaseAsync(), bufferRows: 5000);
        await SendAsync(rig, 0, requests: 10, rows: 100, TimeSpan.Zero);
        await StoredAsync(rig, 1000);

        await broker.KillSettledAsync();
        await SendAsync(rig, 10, requests: 200, rows: 100, TimeSpan.Zero);
        var during = rig.Buffer.StatusOf(RowsRig.Endpoint);
        await StoredAsync(rig, during.CapturedRows);
        await SendAsync(rig, 210, requests: 1, rows: 100, TimeSpan.Zero);
        await StoredAsync(rig, during.CapturedRows + 100);

        Assert.InRange(during.LostRows, 15_000, 20_000);
        Assert.Equal(21_000, during.CapturedRows + during.LostRows);
        Assert.Equal(during.LostRows, metric);
        Assert.Equal((during.CapturedRows + 100, during.LostRows), ((await rig.StatusAsync()).StoredRows, (await rig.StatusAsync()).LostRows));
    }

    [Fact]
    public async Task The_default_buffer_takes_a_minute_of_5000_single_rows_a_second_in_little_memory()
    {
        Assert.InRange(new InferenceOptions().CaptureBufferRows, PromisedRows, int.MaxValue);
        await using var rig = await RowsRig.StartAsync("amqp://127.0.0.1:1", database: null);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < PromisedRows; i++)
        {
            rig.Buffer.Add(RowsRig.Served($"minute-{i}", 1, Start));
            if (i % 5000 == 0)
            {
                // A second's rows, much faster than a second.
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }

        await Task.Delay(500, TestContext.Current.CancellationToken);
        var status = rig.Buffer.StatusOf(RowsRig.Endpoint);
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal((PromisedRows, PromisedRows, 0), (status.CapturedRows, status.WaitingRows, status.LostRows));
        Assert.InRange(bytes / PromisedRows, 0, 300);
    }

    private static async Task SendAsync(RowsRig rig, int first, int requests, int rows, TimeSpan pause)
    {
        for (var i = first; i < first + requests; i++)
        {
            rig.Buffer.Add(RowsRig.Served($"request-{i}", rows, Start.AddSeconds(i)));
            await Task.Delay(pause, TestContext.Current.CancellationToken);
        }
    }

    private static Task StoredAsync(RowsRig rig, long rows) => RowsRig.EventuallyAsync(
        async () => (await rig.StatusAsync()).StoredRows >= rows && rig.Buffer.StatusOf(RowsRig.Endpoint).WaitingRows == 0,
        async () => $"{rows} rows were to be stored: {await rig.StatusAsync()} {rig.Buffer.StatusOf(RowsRig.Endpoint)}");
}
