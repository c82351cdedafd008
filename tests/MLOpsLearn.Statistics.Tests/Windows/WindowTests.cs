using CsCheck;
using MLOpsLearn.Statistics.Windows;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Windows;

public sealed class WindowTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Sliding_window_is_the_merge_of_its_newest_panes() => Gen.Select(Gen.Int[1, 6], Gen.Int[0, 9].Array[0, 40]).Sample((panes, values) =>
    {
        // Concatenation minds the order of its parts.
        var window = new SlidingWindow<string>(panes, static (older, newer) => older + newer);
        for (var i = 0; i < values.Length; i++)
        {
            window.Add($"{values[i]}");
            var expected = string.Concat(values[Math.Max(0, i + 1 - panes)..(i + 1)]);
            if (!window.TryGetWhole(out var whole) || whole != expected)
            {
                return false;
            }
        }

        return window.Count == Math.Min(panes, values.Length);
    });

    [Fact]
    public void Rows_go_to_the_window_of_their_event_and_late_ones_open_a_revision()
    {
        var windows = new EventWindows(CalendarPeriod.Hour, TimeSpan.FromMinutes(30), TimeSpan.FromHours(10));
        Assert.Empty(windows.Close());
        windows.Add(Start.AddMinutes(10));
        windows.Add(Start.AddHours(3).AddMinutes(29));
        Assert.Equal([(0, 0), (1, 0)], Due());
        windows.Add(Start.AddHours(3).AddMinutes(30));
        Assert.Equal([(2, 0)], Due());
        Assert.Equal(new(Start, 1, false), windows.Add(Start.AddMinutes(50)));
        Assert.Equal(new(Start, 1, false), windows.Add(Start.AddMinutes(55)));
        Assert.Equal([(0, 1)], Due());
        Assert.Empty(windows.Close());
        windows.Add(Start.AddHours(11).AddMinutes(31));
        Assert.True(windows.Add(Start.AddMinutes(59)).IsTooLate);
        Assert.Equal(1, windows.TooLate);

        (int Hour, int Revision)[] Due() => [.. windows.Close().Select(w => ((int)(w.Start - Start).TotalHours, w.Revision))];
    }

    [Fact]
    public void A_row_from_the_far_future_does_not_make_endless_windows()
    {
        var windows = new EventWindows(CalendarPeriod.Hour, retention: TimeSpan.FromHours(48));
        windows.Add(DateTimeOffset.MinValue.AddDays(1));
        windows.Add(new(9999, 12, 30, 0, 0, 0, TimeSpan.Zero));
        Assert.InRange(windows.Close().Count, 1, 60);
    }

    [Fact]
    public void Empty_periods_exist()
    {
        var windows = Chunks.ByPeriod([Start.AddHours(50), Start, Start.AddHours(1)], CalendarPeriod.Day);
        Assert.Equal([2, 0, 1], windows.Select(w => w.Rows.Count));
        Assert.Equal([0], windows[2].Rows);
        Assert.Throws<ArgumentException>(() => Chunks.ByPeriod([DateTimeOffset.MinValue.AddDays(9), Start], CalendarPeriod.Hour));
    }
}
