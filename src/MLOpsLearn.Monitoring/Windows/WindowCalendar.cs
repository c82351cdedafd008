using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>Cuts time into windows [start, end) in UTC; a week starts on Monday. Pure.</summary>
internal static class WindowCalendar
{
    /// <summary>The window that a moment lies in, in milliseconds since 1970.</summary>
    public static (long StartMs, long EndMs) Of(WindowPeriod period, long eventMs)
    {
        var moment = DateTimeOffset.FromUnixTimeMilliseconds(eventMs).UtcDateTime;
        var start = period switch
        {
            WindowPeriod.Month => new DateTime(moment.Year, moment.Month, 1, 0, 0, 0, DateTimeKind.Utc),
            WindowPeriod.Week => moment.Date.AddDays(-(((int)moment.DayOfWeek + 6) % 7)),
            WindowPeriod.Day => moment.Date,
            WindowPeriod.Hour => moment.Date.AddHours(moment.Hour),
            _ => throw new ArgumentOutOfRangeException(nameof(period), period, "Windows by count have no calendar."),
        };
        var end = period switch
        {
            WindowPeriod.Month => start.AddMonths(1),
            WindowPeriod.Week => start.AddDays(7),
            WindowPeriod.Day => start.AddDays(1),
            _ => start.AddHours(1),
        };
        return (Milliseconds(start), Milliseconds(end));
    }

    private static long Milliseconds(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
}
