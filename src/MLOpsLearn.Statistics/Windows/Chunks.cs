namespace MLOpsLearn.Statistics.Windows;

/// <summary>Cuts rows into chunks. Calendar windows are [start, end) in UTC; weeks start on Monday.</summary>
public static class Chunks
{
    private const int LargestCount = 1_000_000;

    /// <summary>Chunks of <paramref name="size"/> rows.</summary>
    public static IReadOnlyList<Range> BySize(int rows, int size, ChunkRemainder remainder = ChunkRemainder.Keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var chunks = new List<Range>(rows / size + 1);
        for (var start = 0; start < rows; start += size)
        {
            if (rows - start >= size || remainder == ChunkRemainder.Keep || (remainder == ChunkRemainder.Append && chunks.Count == 0))
            {
                chunks.Add(start..Math.Min(rows, start + size));
            }
            else if (remainder == ChunkRemainder.Append)
            {
                chunks[^1] = chunks[^1].Start..rows;
            }
        }

        return chunks;
    }

    /// <summary>About <paramref name="count"/> chunks of floor(rows / count) rows; under <see cref="ChunkRemainder.Keep"/> a rest is one more.</summary>
    public static IReadOnlyList<Range> ByCount(int rows, int count, ChunkRemainder remainder = ChunkRemainder.Keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return BySize(rows, Math.Max(1, rows / count), remainder);
    }

    /// <summary>
    /// Calendar windows from the first moment to the last, with the rows of each; windows without rows exist with none, so that a gap is
    /// a finding.
    /// </summary>
    /// <exception cref="ArgumentException">The moments span more than a million windows.</exception>
    public static IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End, IReadOnlyList<int> Rows)> ByPeriod(
        IReadOnlyList<DateTimeOffset> moments, CalendarPeriod period)
    {
        ArgumentNullException.ThrowIfNull(moments);
        var rows = Enumerable.Range(0, moments.Count).ToLookup(row => StartOf(period, moments[row]));
        var windows = new List<(DateTimeOffset, DateTimeOffset, IReadOnlyList<int>)>();
        if (moments.Count > 0)
        {
            var last = rows.Max(window => window.Key);
            for (var start = rows.Min(window => window.Key); start <= last; start = Next(period, start))
            {
                if (windows.Count == LargestCount)
                {
                    throw new ArgumentException($"The moments span more than {LargestCount} windows, up to {last:O}.", nameof(moments));
                }

                windows.Add((start, Next(period, start), [.. rows[start]]));
            }
        }

        return windows;
    }

    /// <summary>Start of the calendar window that holds a moment.</summary>
    public static DateTimeOffset StartOf(CalendarPeriod period, DateTimeOffset moment)
    {
        var utc = moment.UtcDateTime;
        var start = period switch
        {
            CalendarPeriod.Hour => utc.Date.AddHours(utc.Hour),
            CalendarPeriod.Day => utc.Date,
            CalendarPeriod.Week => utc.Date.AddDays(-(((int)utc.DayOfWeek + 6) % 7)),
            CalendarPeriod.Month => new(utc.Year, utc.Month, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
        };
        return new(DateTime.SpecifyKind(start, DateTimeKind.Utc));
    }

    /// <summary>Start of the window after the one that starts at <paramref name="start"/>.</summary>
    public static DateTimeOffset Next(CalendarPeriod period, DateTimeOffset start) => period switch
    {
        CalendarPeriod.Hour => start.AddHours(1),
        CalendarPeriod.Day => start.AddDays(1),
        CalendarPeriod.Week => start.AddDays(7),
        CalendarPeriod.Month => start.AddMonths(1),
        _ => throw new ArgumentOutOfRangeException(nameof(period), period, null),
    };
}
