using System.Numerics;
using System.Runtime.InteropServices;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>One side of a categorical column: how often each category occurs. Immutable.</summary>
public sealed class CategoricalSample
{
    private readonly CategoryKey[] _keys;
    private readonly long[] _counts;

    private CategoricalSample(CategoryKey[] keys, long[] counts, long nulls)
    {
        _keys = keys;
        _counts = counts;
        Counts = new(counts.Sum(), nulls);
    }

    /// <summary>Valid rows and nulls.</summary>
    public ValueCounts Counts { get; }

    /// <summary>Categories that occur, in order.</summary>
    public IReadOnlyList<CategoryKey> Keys => _keys;

    /// <summary>Rows of each of <see cref="Keys"/>.</summary>
    public IReadOnlyList<long> Occurrences => _counts;

    /// <summary>Counts dictionary-coded rows; a negative code is null. The dictionary may hold unused or repeated entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A code points past the dictionary.</exception>
    public static CategoricalSample Create(ReadOnlySpan<int> codes, IReadOnlyList<CategoryKey> dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);

        var (lowest, highest) = CodeRange(codes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(highest, dictionary.Count, nameof(codes));

        // Slot 0 takes the nulls, and four tables in turn keep equal neighbours from waiting for each other.
        var size = dictionary.Count + 1;
        int[] t0 = new int[size], t1 = new int[size], t2 = new int[size], t3 = new int[size];
        var i = 0;
        for (; lowest >= -1 && i + 4 <= codes.Length; i += 4)
        {
            t0[codes[i] + 1]++;
            t1[codes[i + 1] + 1]++;
            t2[codes[i + 2] + 1]++;
            t3[codes[i + 3] + 1]++;
        }

        for (; i < codes.Length; i++)
        {
            t0[Math.Max(codes[i], -1) + 1]++;
        }

        var counts = new long[dictionary.Count];
        for (var k = 0; k < counts.Length; k++)
        {
            counts[k] = (long)t0[k + 1] + t1[k + 1] + t2[k + 1] + t3[k + 1];
        }

        return FromCounts(dictionary, counts, (long)t0[0] + t1[0] + t2[0] + t3[0]);
    }

    /// <summary>Counts rows of plain text; null is a missing value.</summary>
    public static CategoricalSample Create(IEnumerable<string?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        long nulls = 0;
        foreach (var value in values)
        {
            if (value is null)
            {
                nulls++;
            }
            else
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
            }
        }

        return FromCounts([.. counts.Keys.Select(CategoryKey.Of)], [.. counts.Values], nulls);
    }

    /// <summary>From counts that are known already; categories with count 0 do not exist.</summary>
    public static CategoricalSample FromCounts(IReadOnlyList<CategoryKey> keys, IReadOnlyList<long> counts, long nulls = 0)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Count, keys.Count, nameof(counts));
        ArgumentOutOfRangeException.ThrowIfNegative(nulls);
        var sorted = new List<(CategoryKey Key, long Count)>(keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            if (counts[i] > 0)
            {
                sorted.Add((keys[i], counts[i]));
            }
        }

        if (!IsAscending(sorted))
        {
            sorted.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        }

        var (distinct, totals) = (new List<CategoryKey>(sorted.Count), new List<long>(sorted.Count));
        foreach (var (key, count) in sorted)
        {
            if (distinct.Count > 0 && distinct[^1] == key)
            {
                totals[^1] += count;
            }
            else
            {
                distinct.Add(key);
                totals.Add(count);
            }
        }

        return new([.. distinct], [.. totals], nulls);
    }

    /// <summary>The same rows with null as one more category.</summary>
    public CategoricalSample WithNullAsCategory() =>
        Counts.Null == 0 ? this : new([.. _keys, CategoryKey.Null], [.. _counts, Counts.Null], 0);

    private static bool IsAscending(List<(CategoryKey Key, long Count)> items)
    {
        for (var i = 1; i < items.Count; i++)
        {
            if (items[i - 1].Key >= items[i].Key)
            {
                return false;
            }
        }

        return true;
    }

    private static (int Lowest, int Highest) CodeRange(ReadOnlySpan<int> codes)
    {
        var width = Vector<int>.Count;
        var (lows, highs) = (Vector<int>.Zero, new Vector<int>(-1));
        var i = 0;
        for (; i + width <= codes.Length; i += width)
        {
            var vector = new Vector<int>(codes[i..]);
            lows = Vector.Min(lows, vector);
            highs = Vector.Max(highs, vector);
        }

        int lowest = 0, highest = -1;
        for (var k = 0; k < width; k++)
        {
            (lowest, highest) = (Math.Min(lowest, lows[k]), Math.Max(highest, highs[k]));
        }

        foreach (var code in codes[i..])
        {
            (lowest, highest) = (Math.Min(lowest, code), Math.Max(highest, code));
        }

        return (lowest, highest);
    }
}
