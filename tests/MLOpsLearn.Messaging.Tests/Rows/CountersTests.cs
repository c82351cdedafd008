using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Messaging.Tests.Broker;
using MLOpsLearn.Monitoring.Labels;

namespace MLOpsLearn.Messaging.Tests.Rows;

/// <summary>On PostgreSQL two transactions may read the same counter: neither may forget the other's rows.</summary>
[Collection("broker queues")]
public sealed class CountersTests(BrokerFixture broker, DatabaseFixture databases)
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Labels_and_rows_that_come_at_once_are_all_counted_and_the_clock_never_goes_back()
    {
        await using var rig = await RowsRig.StartAsync(await broker.AddressAsync(), await databases.NewDatabaseAsync());

        var labels = Enumerable.Range(0, 40).Select(i => Task.Run(() => LabelAsync(rig, i)));
        for (var i = 0; i < 40; i++)
        {
            rig.Buffer.Add(RowsRig.Served($"request-{i}", 1000, Start.AddMinutes(i)));
        }

        await Task.WhenAll(labels);
        await RowsRig.EventuallyAsync(async () => (await rig.StatusAsync()).StoredRows >= 40_000, async () => (await rig.StatusAsync()).ToString());
        var status = await rig.StatusAsync();
        Assert.Equal((40_000, 400), (status.StoredRows, status.StoredLabels));
        Assert.Equal(Start.AddHours(1).AddMinutes(39), status.Watermark.ToDateTimeOffset());
    }

    private static async Task LabelAsync(RowsRig rig, int number)
    {
        await using var scope = rig.MonitoringServices.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<LabelIngest>().SubmitAsync(
            new SubmitLabelsRequest
            {
                Endpoint = RowsRig.Endpoint,
                ObservedAt = Start.AddHours(1).AddMinutes(number).ToTimestamp(),
                Labels = { new LabelSet { PredictionId = $"request-{number}", Values = { Enumerable.Repeat(1.0, 10) } } },
            },
            mayBeStored: false,
            TestContext.Current.CancellationToken);
    }
}
