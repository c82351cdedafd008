using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Binning;

/// <summary>Counts of a numeric pair over common bins, read off the sorted samples by binary search.</summary>
public sealed class NumericBins
{
    internal const int PerValueLimit = 20;

    private NumericBins(double[] edges, long[] reference, long[] current, NumericPair pair, int bins)
    {
        Edges = edges;
        Bins = bins;
        Shares = new(reference, current, pair.Reference.Count, pair.Current.Count);
    }

    /// <summary>
    /// Borders of the bins. Equal width: k + 1 numbers. Deciles: the k - 1 inner borders. One bin a value: the k values.
    /// </summary>
    public IReadOnlyList<double> Edges { get; }

    /// <summary>Number of bins of the rule; the extra bin of <see cref="BinRule.DoaneReference"/> is not counted.</summary>
    public int Bins { get; }

    /// <summary>Count of the reference in each bin.</summary>
    public IReadOnlyList<long> Reference => Shares.Reference;

    /// <summary>Count of the current side in each bin.</summary>
    public IReadOnlyList<long> Current => Shares.Current;

    internal BinnedShares Shares { get; }

    /// <summary>Counts both sides, each with at least one value.</summary>
    /// <returns>Null when a side is empty.</returns>
    public static NumericBins? Count(NumericPair pair, BinRule rule)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is not null)
        {
            return null;
        }

        return rule switch
        {
            BinRule.ReferenceDeciles => Deciles(pair),
            BinRule.SturgesPooled when pair.Reference.Distinct <= PerValueLimit => PerValue(pair),
            BinRule.SturgesPooled => EqualWidth(pair, Sturges((double)pair.Reference.Count + pair.Current.Count, Range(pair))),
            BinRule.SturgesUnique => EqualWidth(pair, Sturges(pair.PooledDistinct, Range(pair))),
            BinRule.DoaneReference => Doane(pair),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
        };
    }

    private static (double Low, double High) Range(NumericPair pair) => (
        Math.Min(pair.Reference.Sorted[0], pair.Current.Sorted[0]), Math.Max(pair.Reference.Sorted[^1], pair.Current.Sorted[^1]));

    internal static double[] Sturges(double count, (double Low, double High) range)
    {
        var span = range.High - range.Low;
        return EqualEdges(range, span == 0 ? 1 : Math.Ceiling(span / (span / (Math.Log2(count) + 1))));
    }

    private static double[] EqualEdges((double Low, double High) range, double bins)
    {
        var (low, high) = range.Low == range.High ? (range.Low - 0.5, range.High + 0.5) : range;

        // The range itself may exceed the largest double, or be too small to divide.
        var k = bins is >= 1 and < 100_000 && range.Low != range.High ? (int)bins : 1;
        var step = high / k - low / k;
        step = double.IsFinite(high - low) ? (high - low) / k : step;
        var edges = new double[k + 1];
        for (var i = 0; i < k; i++)
        {
            edges[i] = low + i * step;
        }

        edges[k] = high;
        return edges;
    }

    private static NumericBins EqualWidth(NumericPair pair, double[] edges) =>
        new(edges, Histogram(pair.Reference.Sorted, edges), Histogram(pair.Current.Sorted, edges), pair, edges.Length - 1);

    private static NumericBins Doane(NumericPair pair)
    {
        var moments = pair.Reference.Moments;
        double n = moments.Count, low = pair.Reference.Sorted[0], high = pair.Reference.Sorted[^1];
        var bins = 1.0;
        if (n > 2 && high > low)
        {
            var skewError = Math.Sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
            var skew = moments.SkewnessPopulation;
            var width = (high - low) / (1 + Math.Log2(n) + Math.Log2(1 + Math.Abs(double.IsFinite(skew) ? skew : 0) / skewError));
            bins = Math.Ceiling((high - low) / width);
        }

        var edges = EqualEdges((low, high), bins);
        var reference = Histogram(pair.Reference.Sorted, edges);
        var current = Histogram(pair.Current.Sorted, edges);
        var outside = pair.Current.Count - current.Sum();
        return outside == 0
            ? new(edges, reference, current, pair, edges.Length - 1)
            : new(edges, [.. reference, 0], [.. current, outside], pair, edges.Length - 1);
    }

    private static NumericBins Deciles(NumericPair pair)
    {
        var borders = new List<double>(9);
        for (var i = 1; i < 10; i++)
        {
            var border = NumericSample.Interpolate(pair.Reference.Sorted, i / 10.0);
            if (borders.Count == 0 || border != borders[^1])
            {
                borders.Add(border);
            }
        }

        double[] edges = [.. borders];
        return new(edges, Between(pair.Reference.Sorted, edges), Between(pair.Current.Sorted, edges), pair, edges.Length + 1);
    }

    // Bins (-inf, e1], (e1, e2], ..., (ek, +inf).
    private static long[] Between(ReadOnlySpan<double> sorted, double[] edges)
    {
        var counts = new long[edges.Length + 1];
        var start = 0;
        for (var i = 0; i < edges.Length; i++)
        {
            var end = FirstAbove(sorted, edges[i]);
            counts[i] = end - start;
            start = end;
        }

        counts[^1] = sorted.Length - start;
        return counts;
    }

    // Bins [e0, e1), ..., the last closed; values outside are not counted.
    private static long[] Histogram(ReadOnlySpan<double> sorted, double[] edges)
    {
        var counts = new long[edges.Length - 1];
        var start = FirstAtLeast(sorted, edges[0]);
        for (var i = 0; i < counts.Length; i++)
        {
            var end = i == counts.Length - 1 ? FirstAbove(sorted, edges[^1]) : FirstAtLeast(sorted, edges[i + 1]);
            counts[i] = end - start;
            start = end;
        }

        return counts;
    }

    private static NumericBins PerValue(NumericPair pair)
    {
        var counts = new SortedDictionary<double, (long Reference, long Current)>();
        Add(pair.Reference.Sorted, static (counts, value, count) => counts[value] = (count, 0));
        Add(pair.Current.Sorted, static (counts, value, count) =>
            counts[value] = (counts.TryGetValue(value, out var known) ? known.Reference : 0, count));
        return new(
            [.. counts.Keys], [.. counts.Values.Select(c => c.Reference)], [.. counts.Values.Select(c => c.Current)], pair, counts.Count);

        void Add(ReadOnlySpan<double> sorted, Action<SortedDictionary<double, (long Reference, long Current)>, double, long> add)
        {
            for (var i = 0; i < sorted.Length;)
            {
                var end = i + FirstAbove(sorted[i..], sorted[i]);
                add(counts, sorted[i], end - i);
                i = end;
            }
        }
    }

    private static int FirstAtLeast(ReadOnlySpan<double> sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int FirstAbove(ReadOnlySpan<double> sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = sorted[middle] <= value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
