using System.Numerics;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Sketches;

/// <summary>
/// Counters, minimum, maximum, sum and moments of a numeric stream. Merging is exact up to rounding: parts give the summary
/// of the whole. The sum carries along what is lost between blocks of 512 values and between parts; within a block it is plain. Constant
/// size. Not thread-safe.
/// </summary>
public sealed class RunningSummary
{
    private const int Block = 512;
    private long _nulls;
    private long _nan;
    private long _infinite;
    private long _violations;
    private double _sum;
    private double _lost;

    /// <summary>What was taken, by kind.</summary>
    public ValueCounts Counts => new(Moments.Count, _nulls, _nan, _infinite, _violations);

    /// <summary>Count, mean and central moments of the finite values.</summary>
    public Moments Moments { get; private set; }

    /// <summary>Sum of the finite values; the rounding error of adding up blocks is carried along (Neumaier 1974). Infinite only when it exceeds a double.</summary>
    public double Sum => double.IsFinite(_sum) ? _sum + _lost : _sum;

    /// <summary>Smallest finite value; null without any.</summary>
    public double? Minimum { get; private set; }

    /// <summary>Largest finite value; null without any.</summary>
    public double? Maximum { get; private set; }

    /// <summary>Takes values; NaN and infinities are counted and left out.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        Span<double> buffer = stackalloc double[Block];
        while (values.Length > 0)
        {
            var part = values[..Math.Min(Block, values.Length)];
            values = values[part.Length..];
            if (AllFinite(part))
            {
                AddFinite(part);
            }
            else
            {
                AddFinite(buffer[..Keep(part, buffer)]);
            }
        }
    }

    /// <summary>Counts rows without a value.</summary>
    public void AddNulls(long rows) => _nulls += rows;

    /// <summary>Counts rows whose value is no number.</summary>
    public void AddTypeViolations(long rows) => _violations += rows;

    /// <summary>Takes everything another summary has taken.</summary>
    public void Merge(RunningSummary other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Moments = Moments.Merge(Moments, other.Moments);
        (_nulls, _nan) = (_nulls + other._nulls, _nan + other._nan);
        (_infinite, _violations) = (_infinite + other._infinite, _violations + other._violations);
        Minimum = Minimum is { } low && other.Minimum is { } lower ? Math.Min(low, lower) : Minimum ?? other.Minimum;
        Maximum = Maximum is { } high && other.Maximum is { } higher ? Math.Max(high, higher) : Maximum ?? other.Maximum;
        Accumulate(other._sum);
        Accumulate(other._lost);
    }

    private static bool AllFinite(ReadOnlySpan<double> values)
    {
        // x - x is 0 for finite x and NaN for all others.
        var width = Vector<double>.Count;
        var rest = Vector<double>.Zero;
        var i = 0;
        for (; i + width <= values.Length; i += width)
        {
            var vector = new Vector<double>(values[i..]);
            rest += vector - vector;
        }

        var total = Vector.Sum(rest);
        for (; i < values.Length; i++)
        {
            total += values[i] - values[i];
        }

        return total == 0;
    }

    private int Keep(ReadOnlySpan<double> values, Span<double> finite)
    {
        var count = 0;
        foreach (var value in values)
        {
            finite[count] = value;
            count += double.IsFinite(value) ? 1 : 0;
            _nan += double.IsNaN(value) ? 1 : 0;
            _infinite += double.IsInfinity(value) ? 1 : 0;
        }

        return count;
    }

    private void AddFinite(ReadOnlySpan<double> values)
    {
        if (values.Length == 0)
        {
            return;
        }

        var block = Moments.Of(values);
        Moments = Moments.Merge(Moments, block);
        var width = Vector<double>.Count;
        var (lows, highs, sums) = (new Vector<double>(values[0]), new Vector<double>(values[0]), Vector<double>.Zero);
        var i = 0;
        for (; i + width <= values.Length; i += width)
        {
            var vector = new Vector<double>(values[i..]);
            (lows, highs) = (Vector.Min(lows, vector), Vector.Max(highs, vector));
            sums += vector;
        }

        double low = lows[0], high = highs[0], sum = Vector.Sum(sums);
        for (var k = 1; k < width; k++)
        {
            (low, high) = (Math.Min(low, lows[k]), Math.Max(high, highs[k]));
        }

        for (; i < values.Length; i++)
        {
            (low, high) = (Math.Min(low, values[i]), Math.Max(high, values[i]));
            sum += values[i];
        }

        Minimum = Minimum is { } before ? Math.Min(before, low) + 0.0 : low + 0.0;
        Maximum = Maximum is { } after ? Math.Max(after, high) + 0.0 : high + 0.0;
        Accumulate(sum);
    }

    private void Accumulate(double value)
    {
        var sum = _sum + value;
        _lost += Math.Abs(_sum) >= Math.Abs(value) ? _sum - sum + value : value - sum + _sum;
        _sum = sum;
    }
}
