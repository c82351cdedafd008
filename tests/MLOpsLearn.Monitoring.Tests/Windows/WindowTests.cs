using Grpc.Core;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Tests.Windows;

/// <summary>Windows close, are judged, and raise alerts.</summary>
public sealed class WindowTests
{
    [Fact]
    public async Task A_day_is_judged_when_it_is_over_and_all_its_labels_are_there()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 4));
        await app.LabelAsync("p1", MonitoringApp.Start.AddDays(1).AddHours(2), 1, 2, 3, 4);

        var window = await app.WindowAsync(MonitoringApp.Start, window => window.QualityStatus == "final");

        // Each answer is one too small.
        Assert.Equal((4, 4), (window.Rows, window.LabelledRows));
        Assert.Equal(1, window.Quality.Single().Rmse, 12);
        Assert.Equal(-1, window.Quality.Single().Bias, 12);
        // The four labels spread by the square root of 1.25 around their mean.
        Assert.Equal(1 - (1 / Math.Sqrt(1.25)), window.Quality.Single().Skill, 12);
        Assert.Equal(MonitoringApp.Start.AddDays(1), window.End.ToDateTimeOffset());
        Assert.Equal([1], window.LiveVersions);
    }

    [Fact]
    public async Task A_corrected_label_raises_the_revision()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 2));
        await app.LabelAsync("p1", MonitoringApp.Start.AddDays(1).AddHours(2), 1, 2);
        var first = await app.WindowAsync(MonitoringApp.Start, window => window.QualityStatus == "final");

        await app.LabelAsync("p1", MonitoringApp.Start.AddDays(1).AddHours(3), 3, 4);
        var corrected = await app.WindowAsync(MonitoringApp.Start, window => window.Quality.Count > 0 && window.Quality[0].Rmse > 2);

        Assert.Equal(3, corrected.Quality.Single().Rmse, 12);
        Assert.True(corrected.Revision > first.Revision);
    }

    [Fact]
    public async Task A_correction_that_comes_while_the_one_before_it_is_evaluated_is_not_forgotten()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 2));
        var observedAt = MonitoringApp.Start.AddDays(1).AddHours(2);
        await app.LabelAsync("p1", observedAt, 1, 2);
        await app.WindowAsync(MonitoringApp.Start, window => window.QualityStatus == "final");

        for (var round = 2; round < 62; round++)
        {
            await app.LabelAsync("p1", observedAt.AddSeconds((2 * round) - 1), 1000, 1001);
            // About when the first is looked at: a look begins 50 ms after what wakes it.
            await Task.Delay(45 + (round % 20), MonitoringApp.Cancel);
            await app.LabelAsync("p1", observedAt.AddSeconds(2 * round), round, 1 + round);

            await app.WindowAsync(MonitoringApp.Start, window => Math.Abs(window.Quality.Single().Rmse - round) < 1e-9);
        }
    }

    [Fact]
    public async Task Windows_by_count_close_when_they_are_full()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync(WindowPeriod.Count, windowRows: 30);
        await app.LabelAsync("p1", MonitoringApp.Start, [.. Enumerable.Range(0, 70).Select(i => i + 2.0)]);
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 70));

        var second = await app.WindowAsync(MonitoringApp.Start.AddSeconds(30), window => window.QualityStatus == "final");
        var all = await app.Client.ListWindowsAsync(new ListWindowsRequest { Endpoint = MonitoringApp.Endpoint }, cancellationToken: MonitoringApp.Cancel);

        Assert.Equal((30, 2), (second.Rows, second.Quality.Single().Rmse));
        Assert.Equal(2, all.Windows.Count(window => window.Quality.Count > 0));
    }

    [Fact]
    public async Task A_monitor_fires_at_its_limit_and_resolves_below_it()
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();
        await app.Client.PutMonitorAsync(
            new PutMonitorRequest
            {
                Endpoint = MonitoringApp.Endpoint,
                Name = "error",
                Monitor = new Contracts.Monitoring.V1.Monitor { Kind = MonitorKind.Rmse, Raise = 2, ForWindows = 2, ClearWindows = 1 },
            },
            cancellationToken: MonitoringApp.Cancel);
        // Errors of the six days: two fires only when it comes twice in a row above the limit; the limit itself is no breach.
        double[] errors = [3, 2, 3, 4, 5, 1];
        for (var day = 0; day < errors.Length; day++)
        {
            var start = MonitoringApp.Start.AddDays(day);
            await app.PredictAsync(MonitoringApp.Batch($"d{day}", start, 3));
            await app.LabelAsync($"d{day}", start.AddDays(1).AddHours(2), errors[day], 1 + errors[day], 2 + errors[day]);
            await app.WindowAsync(start, window => window.QualityStatus == "final");
        }

        var alert = await app.AlertAsync(alert => alert.State == AlertState.Ok);

        Assert.Equal("critical", alert.Severity);
        Assert.Equal(["firing", "resolved"], alert.Transitions.Select(transition => transition.Event));
        Assert.Equal(MonitoringApp.Start.AddDays(4), alert.Transitions[0].WindowEnd.ToDateTimeOffset());
        Assert.Equal(4, alert.Transitions[0].Value, 12);
        Assert.Equal(MonitoringApp.Start.AddDays(6), alert.Transitions[1].WindowEnd.ToDateTimeOffset());
        Assert.Single((await app.Client.ListAlertsAsync(new ListAlertsRequest(), cancellationToken: MonitoringApp.Cancel)).Alerts);
    }

    [Theory]
    [InlineData("name", "Error", MonitorKind.Rmse, 1.0, 1)]
    [InlineData("monitor.kind", "error", MonitorKind.Unspecified, 1.0, 1)]
    [InlineData("monitor.raise", "error", MonitorKind.Rmse, double.NaN, 1)]
    [InlineData("monitor.for_windows", "error", MonitorKind.Rmse, 1.0, -1)]
    public async Task A_bad_monitor_names_its_field(string field, string name, MonitorKind kind, double raise, int forWindows)
    {
        await using var app = await MonitoringApp.StartAsync();
        await app.WatchAsync();

        var refused = await MonitoringApp.FailsAsync(StatusCode.InvalidArgument, app.Client.PutMonitorAsync(
            new PutMonitorRequest { Endpoint = MonitoringApp.Endpoint, Name = name, Monitor = new Contracts.Monitoring.V1.Monitor { Kind = kind, Raise = raise, ForWindows = forWindows } },
            cancellationToken: MonitoringApp.Cancel));

        Assert.Contains(field, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_columns_may_not_change_while_rows_are_stored()
    {
        await using var app = await MonitoringApp.StartAsync();
        var subject = await app.WatchAsync();
        await app.PredictAsync(MonitoringApp.Batch("p1", MonitoringApp.Start, 1));
        subject.Columns.RemoveAt(0);

        await MonitoringApp.FailsAsync(StatusCode.FailedPrecondition, app.Client.PutSubjectAsync(
            new PutSubjectRequest { Endpoint = MonitoringApp.Endpoint, Subject = subject }, cancellationToken: MonitoringApp.Cancel));
    }
}
