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

        // Slot 0 takes every null, and four tables in turn keep equal neighbours from waiting for each other.
        var size = dictionary.Count + 1;
        var tables = new long[4 * size];
        int largest = -1, i = 0;
        for (; i + 4 <= codes.Length; i += 4)
        {
            int a = codes[i], b = codes[i + 1], c = codes[i + 2], d = codes[i + 3];
            largest = Math.Max(largest, Math.Max(Math.Max(a, b), Math.Max(c, d)));
            if (largest >= dictionary.Count)
            {
                break;
            }

            tables[Math.Max(a, -1) + 1]++;
            tables[size + Math.Max(b, -1) + 1]++;
            tables[2 * size + Math.Max(c, -1) + 1]++;
            tables[3 * size + Math.Max(d, -1) + 1]++;
        }

        for (; i < codes.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(codes[i], dictionary.Count, nameof(codes));
            tables[Math.Max(codes[i], -1) + 1]++;
        }

        var counts = new long[dictionary.Count];
        for (var k = 0; k < counts.Length; k++)
        {
            counts[k] = tables[k + 1] + tables[size + k + 1] + tables[2 * size + k + 1] + tables[3 * size + k + 1];
        }

        return FromCounts(dictionary, counts, tables[0] + tables[size] + tables[2 * size] + tables[3 * size]);
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
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
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

        sorted.Sort(static (a, b) => a.Key.CompareTo(b.Key));
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
}
