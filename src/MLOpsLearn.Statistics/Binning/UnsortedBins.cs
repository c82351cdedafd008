using System.Numerics;

namespace MLOpsLearn.Statistics.Binning;

/// <summary>Counts over pooled Sturges bins without sorting: one pass for the range, one for the counts.</summary>
internal static class UnsortedBins
{
    /// <returns>Null when values are not all finite or the reference has few distinct ones: the sorted path takes over.</returns>
    public static BinnedShares? Sturges(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        if (reference.IsEmpty || current.IsEmpty || !HasManyValues(reference))
        {
            return null;
        }

        var (low, high) = Range(reference);
        var (otherLow, otherHigh) = Range(current);
        (low, high) = (Math.Min(low, otherLow), Math.Max(high, otherHigh));
        if (!double.IsFinite(high - low))
        {
            return null;
        }

        var edges = NumericBins.Sturges((double)reference.Length + current.Length, (low, high));
        return new(Count(reference, edges), Count(current, edges), reference.Length, current.Length);
    }

    private static bool HasManyValues(ReadOnlySpan<double> values)
    {
        Span<double> seen = stackalloc double[NumericBins.PerValueLimit];
        var count = 0;
        foreach (var value in values)
        {
            if (!seen[..count].Contains(value + 0.0))
            {
                if (count == seen.Length)
                {
                    return true;
                }

                seen[count++] = value + 0.0;
            }
        }

        return false;
    }

    // NaN comes out as a range that is not finite.
    private static (double Low, double High) Range(ReadOnlySpan<double> values)
    {
        var width = Vector<double>.Count;
        var (lows, highs) = (new Vector<double>(double.PositiveInfinity), new Vector<double>(double.NegativeInfinity));
        var i = 0;
        for (; i + width <= values.Length; i += width)
        {
            var vector = new Vector<double>(values[i..]);
            lows = Vector.Min(lows, vector);
            highs = Vector.Max(highs, vector);
        }

        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (var k = 0; k < width; k++)
        {
            (low, high) = (Math.Min(low, lows[k]), Math.Max(high, highs[k]));
        }

        for (; i < values.Length; i++)
        {
            (low, high) = (Math.Min(low, values[i]), Math.Max(high, values[i]));
        }

        return (low, high);
    }

    private static long[] Count(ReadOnlySpan<double> values, double[] edges)
    {
        var bins = edges.Length - 1;
        double low = edges[0], scale = bins / (edges[^1] - low);

        // Two tables in turn keep neighbours in one bin from waiting for each other.
        var counts = new long[2 * bins];
        for (var i = 0; i < values.Length; i++)
        {
            // The product may round to the neighbouring bin: the edges decide.
            var value = values[i];
            var bin = Math.Clamp((int)((value - low) * scale), 0, bins - 1);
            if (value < edges[bin])
            {
                bin--;
            }
            else if (bin < bins - 1 && value >= edges[bin + 1])
            {
                bin++;
            }

            counts[(i & 1) * bins + bin]++;
        }

        var totals = new long[bins];
        for (var bin = 0; bin < bins; bin++)
        {
            totals[bin] = counts[bin] + counts[bins + bin];
        }

        return totals;
    }
}
