using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Tests.Ingestion;

/// <summary>Predictions and labels from anywhere: counted once, in whatever order and however often they come.</summary>
public sealed class PredictionTests
{
    public static TheoryData<string, Action<PredictionBatch>> BadBatches => new()
    {
        { "batch.batch_id", batch => batch.BatchId = "one" },
        { "batch.event_times_ms", batch => batch.EventTimesMs.Clear() },
        { "batch.event_times_ms", batch => batch.EventTimesMs[0] = long.MaxValue },
        { "batch.requests", batch => batch.Requests[0].Rows = 2 },
        { "batch.requests[0].prediction_id", batch => batch.Requests[0].PredictionId = "a\0b" },
        { "batch.requests[0].first_row", batch => batch.Requests[0].FirstRow = -1 },
        { "batch.arms", batch => batch.Arms.Clear() },
        { "batch.arms[0].predictions", batch => batch.Arms[0].Predictions.Add(1) },
        { "batch.arms[0].version", batch => batch.Arms[0].Version = 0 },
        { "batch.arms[0].shadow", batch => batch.Arms[0].Shadow = true },
        { "batch.columns[0].numbers", batch => batch.Columns[0].Numbers.Clear() },
        { "batch.columns[1].codes", batch => batch.Columns[1].Codes[0] = 2 },
        { "batch.columns", batch => batch.Columns.RemoveAt(1) },
        { "batch.columns[2].name", batch => batch.Columns.Add(batch.Columns[0].Clone()) },
    };

    [Fact]
    public async Task A_batch_that_comes_twice_counts_once()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        var batch = MonitoringApp.Batch("p1", MonitoringApp.Start, 10);

        Assert.Equal(10, (await app.PredictAsync(batch)).AcceptedRows);
        var again = await app.PredictAsync(batch);
        var underAnotherId = batch.Clone();
        underAnotherId.BatchId = Guid.CreateVersion7().ToString();
        var sameRows = await app.PredictAsync(underAnotherId);

        Assert.True(again.Duplicate);
        Assert.Equal((0, 10), (sameRows.AcceptedRows, sameRows.DuplicateRows));
        Assert.Equal(10, (await StatusAsync(app)).StoredRows);
    }

    [Fact]
    public async Task A_known_prediction_id_with_other_content_is_counted_and_left_out()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 10));

        var other = await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 10, shift: 1));

        Assert.Equal((0, 10), (other.AcceptedRows, other.ConflictingRows));
        Assert.Equal(10, (await StatusAsync(app)).StoredRows);
    }

    [Fact]
    public async Task Many_callers_with_the_same_batches_store_each_once()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        var batches = Enumerable.Range(0, 10).Select(i => MonitoringApp.Batch($"p{i}", MonitoringApp.Start.AddMinutes(i), 20)).ToList();

        await Task.WhenAll(batches.Concat(batches).Concat(batches).Select(batch => app.PredictAsync(batch.Clone())));

        Assert.Equal(200, (await StatusAsync(app)).StoredRows);
    }

    [Theory]
    [MemberData(nameof(BadBatches))]
    public async Task A_bad_batch_names_its_field_and_stores_nothing(string field, Action<PredictionBatch> spoil)
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        var batch = MonitoringApp.Batch("p1", MonitoringApp.Start, 3);
        spoil(batch);

        var refused = await MonitoringApp.FailsAsync(
            StatusCode.InvalidArgument, app.Client.SubmitPredictionsAsync(new SubmitPredictionsRequest { Endpoint = MonitoringApp.Endpoint, Batch = batch }, cancellationToken: MonitoringApp.Cancel));

        Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, (await StatusAsync(app)).StoredRows);
    }

    [Fact]
    public async Task Labels_that_are_no_numbers_are_named_and_the_others_stored()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();

        var answer = await app.LabelAsync("p1", MonitoringApp.Start, 1, double.NaN, double.PositiveInfinity, 4);

        Assert.Equal(2, answer.Accepted);
        Assert.Equal(["p1"], answer.Invalid);
        Assert.Equal(2, (await StatusAsync(app)).StoredLabels);
    }

    [Fact]
    public async Task An_unknown_endpoint_is_told_so()
    {
        await using var app = await MonitoringApp.StartAsync();

        await MonitoringApp.FailsAsync(StatusCode.NotFound, app.Client.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = "none" }, cancellationToken: MonitoringApp.Cancel));
        await MonitoringApp.FailsAsync(StatusCode.NotFound, app.Client.SubmitPredictionsAsync(
            new SubmitPredictionsRequest { Endpoint = "none", Batch = MonitoringApp.Batch("p", MonitoringApp.Start, 1) }, cancellationToken: MonitoringApp.Cancel));
    }

    [Fact]
    public async Task An_export_is_a_function_of_what_was_stored()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 3));
        await app.LabelAsync("p1", MonitoringApp.Start.AddHours(1), 10, 11);
        await app.LabelAsync("p1", MonitoringApp.Start.AddHours(5), 20, 21, 22);

        var early = await ExportAsync(app, MonitoringApp.Start.AddHours(2));
        await app.LabelAsync("p1", MonitoringApp.Start.AddHours(9), 30, 31, 32);
        var earlyAgain = await ExportAsync(app, MonitoringApp.Start.AddHours(2));
        var all = await ExportAsync(app, null);

        Assert.Equal((2, 1), (early.Rows, early.UnlabelledRows));
        Assert.Equal(early.Sha256, earlyAgain.Sha256);
        Assert.Equal((3, 0), (all.Rows, all.UnlabelledRows));
        Assert.NotEqual(early.Sha256, all.Sha256);
        var bytes = await app.Http.GetByteArrayAsync(new Uri(early.Path, UriKind.Relative), MonitoringApp.Cancel);
        Assert.Equal(early.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    private static async Task<ExportedWindow> ExportAsync(MonitoringApp app, DateTimeOffset? asOf) => await app.Client.ExportWindowAsync(
        new ExportWindowRequest
        {
            Endpoint = MonitoringApp.Endpoint,
            Start = MonitoringApp.Start.ToTimestamp(),
            End = MonitoringApp.Start.AddDays(1).ToTimestamp(),
            AsOf = asOf?.ToTimestamp(),
        },
        cancellationToken: MonitoringApp.Cancel);

    private static async Task<IngestStatus> StatusAsync(MonitoringApp app) =>
        await app.Client.GetIngestStatusAsync(new GetIngestStatusRequest { Endpoint = MonitoringApp.Endpoint }, cancellationToken: MonitoringApp.Cancel);
}
