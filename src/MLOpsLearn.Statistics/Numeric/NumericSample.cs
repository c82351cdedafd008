using System.Runtime.InteropServices;
using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// One side of a numeric column after cleaning: the finite values in ascending order, and what was cleaned away.
/// Immutable and thread-safe; the one sort here serves every method.
/// </summary>
public sealed class NumericSample
{
    private readonly double[] _sorted;
    private readonly int _count;
    private readonly Lazy<Moments> _moments;
    private readonly Lazy<int> _distinct;

    private NumericSample(double[] sorted, int count, ValueCounts counts)
    {
        _sorted = sorted;
        _count = count;
        Counts = counts;
        _moments = new(() => Moments.Of(Sorted));
        _distinct = new(CountDistinct);
    }

    /// <summary>The five counters of cleaning.</summary>
    public ValueCounts Counts { get; }

    /// <summary>Number of finite values.</summary>
    public int Count => _count;

    /// <summary>The finite values, ascending; -0.0 appears as 0.0.</summary>
    public ReadOnlySpan<double> Sorted => _sorted.AsSpan(0, _count);

    /// <summary>Count, mean and central moment sums.</summary>
    public Moments Moments => _moments.Value;

    /// <summary>Number of distinct values.</summary>
    public int Distinct => _distinct.Value;

    /// <summary>Cleans and sorts a copy of <paramref name="values"/>; NaN and infinities are counted and left out.</summary>
    /// <param name="values">One number a row.</param>
    /// <param name="nulls">Rows without a value that are not in <paramref name="values"/>.</param>
    /// <param name="typeViolations">Rows with something else than a number, likewise not in <paramref name="values"/>.</param>
    public static NumericSample Create(ReadOnlySpan<double> values, long nulls = 0, long typeViolations = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nulls);
        ArgumentOutOfRangeException.ThrowIfNegative(typeViolations);
        var buffer = GC.AllocateUninitializedArray<double>(values.Length);
        int count = 0, nan = 0;
        foreach (var value in values)
        {
            // Adding zero turns -0.0 into 0.0.
            buffer[count] = value + 0.0;
            count += double.IsFinite(value) ? 1 : 0;
            nan += double.IsNaN(value) ? 1 : 0;
        }

        RadixSort.Sort(buffer.AsSpan(0, count));
        return new(buffer, count, new(count, nulls, nan, values.Length - count - nan, typeViolations));
    }

    /// <summary>As <see cref="Create(ReadOnlySpan{double}, long, long)"/>, with null for a missing value.</summary>
    public static NumericSample Create(IReadOnlyCollection<double?> values, long typeViolations = 0)
    {
        ArgumentNullException.ThrowIfNull(values);
        var present = new List<double>(values.Count);
        foreach (var value in values)
        {
            if (value is { } number)
            {
                present.Add(number);
            }
        }

        return Create(CollectionsMarshal.AsSpan(present), values.Count - present.Count, typeViolations);
    }

    /// <summary>
    /// The rows of several disjoint parts taken together, by merging their sorted values: every method on it is exact, and no row is
    /// sorted again.
    /// </summary>
    public static NumericSample Merge(IReadOnlyCollection<NumericSample> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var queue = new Queue<double[]>(parts.Where(part => part.Count > 0).Select(part => part.Sorted.ToArray()));
        while (queue.Count > 1)
        {
            queue.Enqueue(MergeTwo(queue.Dequeue(), queue.Dequeue()));
        }

        var sorted = queue.Count == 0 ? [] : queue.Dequeue();
        return new(sorted, sorted.Length, new(
            sorted.Length, parts.Sum(p => p.Counts.Null), parts.Sum(p => p.Counts.NaN), parts.Sum(p => p.Counts.Infinite),
            parts.Sum(p => p.Counts.TypeViolations)));
    }

    /// <summary>Type-7 quantile (linear between order statistics).</summary>
    /// <param name="probability">0 to 1.</param>
    /// <returns>NaN for an empty sample.</returns>
    public double Quantile(double probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        return _count == 0 ? double.NaN : Interpolate(Sorted, probability);
    }

    /// <summary>The same values as categories, one for each distinct number.</summary>
    public CategoricalSample AsCategories()
    {
        var (keys, counts) = (new List<CategoryKey>(), new List<long>());
        var sorted = Sorted;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1])
            {
                keys.Add(CategoryKey.Of(sorted[i]));
                counts.Add(0);
            }

            counts[^1]++;
        }

        return CategoricalSample.FromCounts(keys, counts, Counts.Missing);
    }

    // Takes values that are sorted and finite; the array is not copied.
    internal static NumericSample FromSorted(double[] sorted) => new(sorted, sorted.Length, new(sorted.Length));

    internal static double Interpolate(ReadOnlySpan<double> sorted, double probability)
    {
        var position = (sorted.Length - 1) * probability;
        var below = (int)position;
        var left = sorted[below];
        return below + 1 < sorted.Length ? left + (position - below) * (sorted[below + 1] - left) : left;
    }

    private static double[] MergeTwo(double[] a, double[] b)
    {
        var merged = new double[a.Length + b.Length];
        int i = 0, j = 0;
        for (var k = 0; k < merged.Length; k++)
        {
            merged[k] = j >= b.Length || (i < a.Length && a[i] <= b[j]) ? a[i++] : b[j++];
        }

        return merged;
    }

    private int CountDistinct()
    {
        var sorted = Sorted;
        var distinct = sorted.Length == 0 ? 0 : 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            distinct += sorted[i] != sorted[i - 1] ? 1 : 0;
        }

        return distinct;
    }
}
