using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Monitoring.V1;
using MLOpsLearn.Monitoring.Data;
using MLOpsLearn.Monitoring.Subjects;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>Counts rows into windows as they come; works within the caller's transaction.</summary>
internal sealed class WindowLedger(MonitoringDbContext context)
{
    /// <summary>How long after its end a window takes late rows and labels.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(30);

    /// <returns>Rows that came too late for their window; it stays as it is.</returns>
    public async Task<int> AddRowsAsync(WatchedSubject watched, Subject subject, IReadOnlyList<long> eventTimesMs, CancellationToken cancellationToken)
    {
        if (subject.WindowPeriod == WindowPeriod.Count)
        {
            await AddByCountAsync(watched, subject.WindowRows, eventTimesMs, cancellationToken);
            return 0;
        }

        var counts = new Dictionary<(long StartMs, long EndMs), int>();
        var current = (StartMs: 0L, EndMs: 0L);
        foreach (var time in eventTimesMs)
        {
            // Neighbouring rows mostly share their window.
            if (time < current.StartMs || time >= current.EndMs)
            {
                current = WindowCalendar.Of(subject.WindowPeriod, time);
            }

            counts[current] = counts.GetValueOrDefault(current) + 1;
        }

        var tooLate = 0;
        foreach (var ((startMs, endMs), rows) in counts)
        {
            if (watched.Watermark is { } watermark && watermark > DateTimeOffset.FromUnixTimeMilliseconds(endMs) + Horizon)
            {
                tooLate += rows;
                continue;
            }

            var window = await FindOrAddAsync(watched.Endpoint, startMs, startMs, endMs, cancellationToken);
            window.Rows += rows;
        }

        return tooLate;
    }

    /// <summary>
    /// Remembers for windows that their labels changed. A window whose quality isn't judged yet is marked, too: it may be about to be, by a join
    /// that did not see these labels.
    /// </summary>
    public async Task MarkLabelledAsync(string endpoint, IEnumerable<string> predictionIds, CancellationToken cancellationToken)
    {
        var ids = predictionIds.Distinct().ToList();
        var touched = await context.Requests.Where(request => request.Endpoint == endpoint && ids.Contains(request.PredictionId))
            .Select(request => new { request.FirstEventMs, request.LastEventMs }).ToListAsync(cancellationToken);
        if (touched.Count == 0)
        {
            return;
        }

        var (first, last) = (touched.Min(request => request.FirstEventMs), touched.Max(request => request.LastEventMs));
        await context.Windows.Where(window => window.Endpoint == endpoint && !window.LabelsChanged && window.StartMs <= last && window.EndMs > first)
            .ExecuteUpdateAsync(update => update.SetProperty(window => window.LabelsChanged, true), cancellationToken);
    }

    private async Task AddByCountAsync(WatchedSubject watched, long windowRows, IReadOnlyList<long> eventTimesMs, CancellationToken cancellationToken)
    {
        for (var i = 0; i < eventTimesMs.Count;)
        {
            var ordinal = watched.StoredRows + i;
            var key = ordinal / windowRows;
            var rows = (int)Math.Min(eventTimesMs.Count - i, ((key + 1) * windowRows) - ordinal);
            var times = eventTimesMs.Skip(i).Take(rows).ToList();
            var window = await FindOrAddAsync(watched.Endpoint, key, times.Min(), times.Max() + 1, cancellationToken);
            window.Rows += rows;
            window.StartMs = Math.Min(window.StartMs, times.Min());
            window.EndMs = Math.Max(window.EndMs, times.Max() + 1);
            i += rows;
        }
    }

    private async Task<ObservationWindow> FindOrAddAsync(string endpoint, long key, long startMs, long endMs, CancellationToken cancellationToken)
    {
        var window = context.Windows.Local.FirstOrDefault(window => window.Endpoint == endpoint && window.Key == key)
            ?? await context.Windows.FirstOrDefaultAsync(window => window.Endpoint == endpoint && window.Key == key, cancellationToken);
        if (window is null)
        {
            window = new ObservationWindow { Endpoint = endpoint, Key = key, StartMs = startMs, EndMs = endMs };
            context.Windows.Add(window);
        }

        return window;
    }
}
