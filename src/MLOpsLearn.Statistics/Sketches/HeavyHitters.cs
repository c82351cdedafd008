using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Statistics.Sketches;

/// <summary>
/// The most frequent categories of a stream with a fixed number of counters (space saving; Metwally, Agrawal and El Abbadi 2005).
/// A count is never too small and too large by at most <see cref="LargestError"/> &lt;= rows / counters; every category with more rows
/// than that is held. Exact while there are no more categories than counters. Merging keeps the bounds. Not thread-safe.
/// </summary>
public sealed class HeavyHitters
{
    private readonly Dictionary<CategoryKey, (long Count, long Error)> _counters;
    private readonly PriorityQueue<CategoryKey, long> _smallest = new();

    /// <param name="counters">Categories held, at least 1.</param>
    public HeavyHitters(int counters = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(counters, 1);
        Counters = counters;
        _counters = new(counters);
    }

    /// <summary>Categories held at most.</summary>
    public int Counters { get; }

    /// <summary>Rows taken.</summary>
    public long Rows { get; private set; }

    /// <summary>Largest amount by which a count is too large.</summary>
    public long LargestError => _counters.Count == 0 ? 0 : _counters.Values.Max(counter => counter.Error);

    /// <summary>Takes rows of one category.</summary>
    public void Add(CategoryKey key, long rows = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        Rows += rows;
        if (_counters.TryGetValue(key, out var counter))
        {
            _counters[key] = (counter.Count + rows, counter.Error);
            return;
        }

        if (_counters.Count < Counters)
        {
            Hold(key, rows, 0);
            return;
        }

        var (evicted, smallest) = Smallest();
        _counters.Remove(evicted);
        Hold(key, smallest + rows, smallest);
    }

    /// <summary>Takes everything another sketch has taken; errors add up.</summary>
    public void Merge(HeavyHitters other)
    {
        ArgumentNullException.ThrowIfNull(other);

        // A category that a full side does not hold may have had as many rows there as its smallest counter.
        long here = Floor(), there = other.Floor();
        var merged = new Dictionary<CategoryKey, (long Count, long Error)>();
        foreach (var key in _counters.Keys.Concat(other._counters.Keys))
        {
            var (a, errorA) = _counters.TryGetValue(key, out var left) ? left : (here, here);
            var (b, errorB) = other._counters.TryGetValue(key, out var right) ? right : (there, there);
            merged[key] = (a + b, errorA + errorB);
        }

        Rows += other.Rows;
        _counters.Clear();
        _smallest.Clear();
        foreach (var (key, counter) in merged.OrderByDescending(item => item.Value.Count).ThenBy(item => item.Key).Take(Counters))
        {
            Hold(key, counter.Count, counter.Error);
        }
    }

    /// <summary>The categories with the largest counts, ties in key order, each with the amount by which its count may be too large.</summary>
    public IReadOnlyList<(CategoryKey Key, long Count, long Error)> Top(int count) =>
        [.. _counters.OrderByDescending(item => item.Value.Count).ThenBy(item => item.Key).Take(count)
            .Select(item => (item.Key, item.Value.Count, item.Value.Error))];

    private long Floor() => _counters.Count < Counters ? 0 : _counters.Values.Min(counter => counter.Count);

    private void Hold(CategoryKey key, long count, long error)
    {
        _counters[key] = (count, error);
        _smallest.Enqueue(key, count);
    }

    // Entries of the queue are renewed only when they come to the front: counts only grow.
    private (CategoryKey Key, long Count) Smallest()
    {
        while (true)
        {
            _smallest.TryDequeue(out var key, out var known);
            var count = _counters[key].Count;
            if (count == known)
            {
                return (key, count);
            }

            _smallest.Enqueue(key, count);
        }
    }
}
