namespace MLOpsLearn.Statistics.Windows;

/// <summary>Where a row went.</summary>
/// <param name="Start">Start of its window.</param>
/// <param name="Revision">Revision of the window that first holds the row, 0 while the window is open.</param>
/// <param name="IsTooLate">Whether the window is past its retention: the row is counted and left out.</param>
public readonly record struct WindowPlace(DateTimeOffset Start, int Revision, bool IsTooLate);

/// <summary>
/// Puts rows into calendar windows by their event time, never by their arrival. A window closes when the watermark (the latest event time
/// seen less the allowed lateness) passes its end. A row that comes later opens a new revision of it, until the watermark is past the
/// window's end by the retention. No clock: rows alone move time. Not thread-safe.
/// </summary>
/// <param name="period">Length of a window.</param>
/// <param name="allowedLateness">How much later than others a row may come; 1 hour by default.</param>
/// <param name="retention">How long after its end a window may be revised; 30 days by default.</param>
public sealed class EventWindows(CalendarPeriod period, TimeSpan? allowedLateness = null, TimeSpan? retention = null)
{
    private readonly TimeSpan _lateness = allowedLateness ?? TimeSpan.FromHours(1);
    private readonly TimeSpan _retention = retention ?? TimeSpan.FromDays(30);

    // Windows within retention: whether the window was handed out by Close, its revision, and whether a row waits for the next one.
    private readonly SortedDictionary<DateTimeOffset, (bool Closed, int Revision, bool Changed)> _windows = [];
    private DateTimeOffset _latest = DateTimeOffset.MinValue;

    /// <summary>Latest event time seen less the allowed lateness; null before the first row.</summary>
    public DateTimeOffset? Watermark => _latest == DateTimeOffset.MinValue ? null
        : _latest - DateTimeOffset.MinValue > _lateness ? _latest - _lateness : DateTimeOffset.MinValue;

    /// <summary>Rows that came after the retention of their window.</summary>
    public long TooLate { get; private set; }

    /// <summary>Places one row.</summary>
    public WindowPlace Add(DateTimeOffset eventTime)
    {
        var start = Chunks.StartOf(period, eventTime);
        if (Watermark is { } mark && mark - Chunks.Next(period, start) > _retention)
        {
            TooLate++;
            return new(start, 0, IsTooLate: true);
        }

        if (eventTime > _latest)
        {
            _latest = eventTime.ToUniversalTime();
        }

        var window = _windows.GetValueOrDefault(start);
        window = window with { Changed = true, Revision = window.Closed && !window.Changed ? window.Revision + 1 : window.Revision };
        _windows[start] = window;
        return new(start, window.Revision, IsTooLate: false);
    }

    /// <summary>
    /// Windows to evaluate now, in order of time: those the watermark has passed, each once, again with the next revision after late rows,
    /// and empty ones in between, which exist with 0 rows.
    /// </summary>
    public IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End, int Revision)> Close()
    {
        if (Watermark is not { } mark || _windows.Count == 0)
        {
            return [];
        }

        // A jump in time leaves at most the windows of the retention behind, however far it goes.
        var first = _windows.Keys.First();
        var oldest = mark - DateTimeOffset.MinValue > _retention ? Chunks.StartOf(period, mark - _retention) : first;
        foreach (var gap in Between(oldest > first ? oldest : first, mark).Where(start => !_windows.ContainsKey(start)).ToArray())
        {
            _windows[gap] = (false, 0, true);
        }

        var due = _windows.Where(window => window.Value.Changed && Chunks.Next(period, window.Key) <= mark).ToArray();
        foreach (var (start, window) in due)
        {
            _windows[start] = (true, window.Revision, false);
        }

        foreach (var old in _windows.Keys.Where(start => mark - Chunks.Next(period, start) > _retention).ToArray())
        {
            _windows.Remove(old);
        }

        return [.. due.Select(window => (window.Key, Chunks.Next(period, window.Key), window.Value.Revision))];
    }

    private IEnumerable<DateTimeOffset> Between(DateTimeOffset first, DateTimeOffset mark)
    {
        for (var start = first; Chunks.Next(period, start) <= mark; start = Chunks.Next(period, start))
        {
            yield return start;
        }
    }
}
