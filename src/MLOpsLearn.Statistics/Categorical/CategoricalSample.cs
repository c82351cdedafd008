using System.Numerics;
using System.Runtime.InteropServices;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>One side of a categorical column: how often each category occurs. Immutable and thread-safe.</summary>
public sealed class CategoricalSample
{
    // Above this, several tables for one dictionary cost more than the waits they save.
    private const int LargestInterleaved = 1 << 15;
    private const int SmallestPart = 100_000;
    private readonly Lazy<(CategoryKey[] Keys, long[] Counts)> _ordered;

    private CategoricalSample(CategoryKey[] keys, long[] counts, long nulls, bool ordered)
    {
        (Unordered, UnorderedCounts) = (keys, counts);
        Counts = new(counts.Sum(), nulls);
        _ordered = ordered ? new((keys, counts)) : new(Order);
    }

    /// <summary>Valid rows and nulls.</summary>
    public ValueCounts Counts { get; }

    /// <summary>Number of categories that occur.</summary>
    public int Distinct => Unordered.Length;

    /// <summary>Categories that occur, in order. The first use sorts them: 10 million take seconds.</summary>
    public IReadOnlyList<CategoryKey> Keys => _ordered.Value.Keys;

    /// <summary>Rows of each of <see cref="Keys"/>.</summary>
    public IReadOnlyList<long> Occurrences => _ordered.Value.Counts;

    internal CategoryKey[] Unordered { get; }

    internal long[] UnorderedCounts { get; }

    internal IEnumerable<CategoryCount> Entries => Unordered.Zip(UnorderedCounts, static (key, count) => new CategoryCount(key, count));

    /// <summary>Counts dictionary-coded rows; a negative code is null. The dictionary may hold unused or repeated entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A code points past the dictionary.</exception>
    public static CategoricalSample Create(ReadOnlySpan<int> codes, IReadOnlyList<CategoryKey> dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        var counts = new long[dictionary.Count];
        var nulls = Tally(codes, counts);
        return FromCounts(dictionary, counts, nulls);
    }

    /// <summary>As <see cref="Create(ReadOnlySpan{int}, IReadOnlyList{CategoryKey})"/>, counting parts of the rows on all cores.</summary>
    public static CategoricalSample CreateParallel(ReadOnlyMemory<int> codes, IReadOnlyList<CategoryKey> dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        var parts = Math.Min(Environment.ProcessorCount, codes.Length / SmallestPart);
        if (parts < 2 || dictionary.Count > LargestInterleaved)
        {
            return Create(codes.Span, dictionary);
        }

        var (counts, nulls) = (new long[parts][], new long[parts]);
        Parallel.For(0, parts, part =>
        {
            var (start, end) = ((int)((long)codes.Length * part / parts), (int)((long)codes.Length * (part + 1) / parts));
            counts[part] = new long[dictionary.Count];
            nulls[part] = Tally(codes.Span[start..end], counts[part]);
        });
        for (var part = 1; part < parts; part++)
        {
            for (var k = 0; k < dictionary.Count; k++)
            {
                counts[0][k] += counts[part][k];
            }
        }

        return FromCounts(dictionary, counts[0], nulls.Sum());
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

        return new([.. counts.Keys.Select(CategoryKey.Of)], [.. counts.Values], nulls, ordered: false);
    }

    /// <summary>From counts that are known already; categories with count 0 do not exist.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or the two differ in length.</exception>
    public static CategoricalSample FromCounts(IReadOnlyList<CategoryKey> keys, IReadOnlyList<long> counts, long nulls = 0)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfNotEqual(counts.Count, keys.Count, nameof(counts));
        ArgumentOutOfRangeException.ThrowIfNegative(nulls);
        var (kept, rows) = (new List<CategoryKey>(keys.Count), new List<long>(keys.Count));
        var ascending = true;
        for (var i = 0; i < keys.Count; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(counts[i], nameof(counts));
            if (counts[i] > 0)
            {
                ascending = ascending && (kept.Count == 0 || kept[^1] < keys[i]);
                kept.Add(keys[i]);
                rows.Add(counts[i]);
            }
        }

        if (ascending)
        {
            return new([.. kept], [.. rows], nulls, ordered: true);
        }

        var merged = new Dictionary<CategoryKey, long>(kept.Count);
        for (var i = 0; i < kept.Count; i++)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(merged, kept[i], out _) += rows[i];
        }

        return new([.. merged.Keys], [.. merged.Values], nulls, ordered: false);
    }

    /// <summary>The rows of several disjoint parts taken together; exact.</summary>
    public static CategoricalSample Merge(IReadOnlyCollection<CategoricalSample> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return FromCounts(
            [.. parts.SelectMany(part => part.Unordered)], [.. parts.SelectMany(part => part.UnorderedCounts)], parts.Sum(part => part.Counts.Null));
    }

    /// <summary>The same rows with null as one more category.</summary>
    public CategoricalSample WithNullAsCategory() => Counts.Null == 0
        ? this
        : new([.. _ordered.Value.Keys, CategoryKey.Null], [.. _ordered.Value.Counts, Counts.Null], 0, ordered: true);

    /// <summary>Adds the rows of each code to <paramref name="counts"/> and returns the number of negative codes.</summary>
    internal static long Tally(ReadOnlySpan<int> codes, Span<long> counts)
    {
        var (lowest, highest) = CodeRange(codes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(highest, counts.Length, nameof(codes));
        if (lowest < -1 || counts.Length > LargestInterleaved)
        {
            long missing = 0;
            foreach (var code in codes)
            {
                if (code < 0)
                {
                    missing++;
                }
                else
                {
                    counts[code]++;
                }
            }

            return missing;
        }

        // Slot 0 takes the nulls, and four tables in turn keep equal neighbours from waiting for each other.
        var size = counts.Length + 1;
        int[] t0 = new int[size], t1 = new int[size], t2 = new int[size], t3 = new int[size];
        var i = 0;
        for (; i + 4 <= codes.Length; i += 4)
        {
            t0[codes[i] + 1]++;
            t1[codes[i + 1] + 1]++;
            t2[codes[i + 2] + 1]++;
            t3[codes[i + 3] + 1]++;
        }

        for (; i < codes.Length; i++)
        {
            t0[codes[i] + 1]++;
        }

        for (var k = 0; k < counts.Length; k++)
        {
            counts[k] += (long)t0[k + 1] + t1[k + 1] + t2[k + 1] + t3[k + 1];
        }

        return (long)t0[0] + t1[0] + t2[0] + t3[0];
    }

    private (CategoryKey[] Keys, long[] Counts) Order()
    {
        var (keys, counts) = ((CategoryKey[])Unordered.Clone(), (long[])UnorderedCounts.Clone());
        Array.Sort(keys, counts);
        return (keys, counts);
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
