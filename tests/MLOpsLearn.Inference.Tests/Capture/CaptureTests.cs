using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Inference.Tests.Hosting;

namespace MLOpsLearn.Inference.Tests.Capture;

/// <summary>What leaves as events is what was asked and answered.</summary>
public sealed class CaptureTests
{
    [Fact]
    public async Task A_request_of_a_thousand_rows_is_one_batch_with_every_arm()
    {
        await using var stage = await Stage.StartAsync();
        stage.Registry.Add(4, ModelFiles.WithSpeed(4));
        await stage.Host.CreateAsync(shadows: [2, 1, 4]);
        var request = Requests.Trips(rows: 1000, id: "day:1");
        request.EventTimesMs.AddRange(Enumerable.Range(0, 1000).Select(row => 1_600_000_000_000L + row));

        await stage.Host.Calls.PredictAsync(request);
        var batch = Assert.Single(await BatchesAsync(stage, 1000));

        Assert.Equal(new PredictedRequest { PredictionId = "day:1", Rows = 1000, FirstRow = 0 }, Assert.Single(batch.Requests));
        Assert.Equal(request.EventTimesMs, batch.EventTimesMs);
        // The live version is no shadow of itself, and version 4 wants a column that nobody sent.
        Assert.Equal([(1, false), (2, true)], batch.Arms.Select(arm => (arm.Version, arm.Shadow)));
        foreach (var arm in batch.Arms)
        {
            Assert.Equal(Enumerable.Range(0, 1000).Select(row => Requests.Expected(arm.Version, row)), arm.Predictions);
        }

        Assert.Equal(request.Columns[0].Doubles.Values, batch.Columns.Single(column => column.Name == "distance").Numbers);
        Assert.Equal(Enumerable.Range(0, 1000).Select(row => $"{Requests.Zone(row)}"), Decoded(batch, "zone"));
        Assert.All(batch.Columns.Single(column => column.Name == "note").Codes, code => Assert.Equal(-1, code));
    }

    [Fact]
    public async Task A_large_request_is_spread_over_batches_that_name_its_rows()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync(shadows: 2);

        await stage.Host.Calls.PredictAsync(Requests.Trips(rows: 2500, id: "large"));
        var batches = await BatchesAsync(stage, 2500);

        Assert.Equal([(0, 1000), (1000, 1000), (2000, 500)], batches.Select(batch => (batch.Requests.Single().FirstRow, batch.Requests.Single().Rows)));
        Assert.Equal(
            Enumerable.Range(0, 2500).Select(row => Requests.Expected(2, row)), batches.SelectMany(batch => batch.Arms.Single(arm => arm.Version == 2).Predictions));
        Assert.Equal(Enumerable.Range(0, 2500).Select(row => $"{Requests.Zone(row)}"), batches.SelectMany(batch => Decoded(batch, "zone")));
    }

    [Fact]
    public async Task Small_requests_share_a_batch_and_keep_their_categories()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync(shadows: 3);

        for (var request = 0; request < 40; request++)
        {
            await stage.Host.Calls.PredictAsync(Requests.Trips(rows: 5, first: request * 5, id: $"r{request}"));
        }

        var batches = await BatchesAsync(stage, 200);
        Assert.True(batches.Count < 40, $"{batches.Count} batches for 40 requests.");
        Assert.Equal(Enumerable.Range(0, 40).Select(request => $"r{request}"), batches.SelectMany(batch => batch.Requests).Select(request => request.PredictionId));
        Assert.Equal(Enumerable.Range(0, 200).Select(row => $"{Requests.Zone(row)}"), batches.SelectMany(batch => Decoded(batch, "zone")));
        Assert.Equal(Enumerable.Range(0, 200).Select(row => Requests.Expected(3, row)), batches.SelectMany(batch => batch.Arms[1].Predictions));
    }

    [Fact]
    public async Task A_batch_leaves_in_time_while_small_requests_keep_coming()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        var sent = 0;

        await Eventually.HoldsAsync(
            async () =>
            {
                await stage.Host.Calls.PredictAsync(Requests.Trips());
                return ++sent >= 900 || stage.Host.Received.ServedRows > 0;
            },
            "rows leave");

        Assert.True(sent < 900, "Nothing left before the batch was nearly full.");
    }

    [Fact]
    public async Task What_waits_is_given_to_the_bus_at_shutdown()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        for (var request = 0; request < 30; request++)
        {
            await stage.Host.Calls.PredictAsync(Requests.Trips(rows: 7));
        }

        await stage.RestartAsync();

        Assert.Equal(210, stage.Host.Received.Published.Sum(served => served.Rows));
    }

    [Fact]
    public async Task The_status_accounts_for_every_row()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Host.CreateAsync();
        await stage.Host.Calls.PredictAsync(Requests.Trips(rows: 1500));

        await Eventually.HoldsAsync(async () => (await stage.Host.Calls.GetCaptureStatusAsync(new() { Endpoint = "trips-live" })).PublishedRows == 1500, "all left");

        var status = await stage.Host.Calls.GetCaptureStatusAsync(new() { Endpoint = "trips-live" });
        Assert.Equal((1500, 0, 0), (status.CapturedRows, status.WaitingRows, status.LostRows));
    }

    private static async Task<IReadOnlyList<PredictionBatch>> BatchesAsync(Stage stage, int rows)
    {
        await Eventually.HoldsAsync(() => stage.Host.Received.ServedRows >= rows, $"{rows} rows left");
        // The bus in memory keeps no order among messages that are under way together, nor do ids of one millisecond; r9 is before r10.
        return [.. stage.Host.Received.Batches
            .OrderBy(batch => batch.Requests[0].PredictionId.Length)
            .ThenBy(batch => batch.Requests[0].PredictionId, StringComparer.Ordinal)
            .ThenBy(batch => batch.Requests[0].FirstRow)];
    }

    private static IEnumerable<string> Decoded(PredictionBatch batch, string column)
    {
        var values = batch.Columns.Single(values => values.Name == column);
        return values.Codes.Select(code => values.Categories[code]);
    }
}
