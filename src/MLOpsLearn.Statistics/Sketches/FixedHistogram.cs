using System.Numerics;
using MLOpsLearn.Statistics.Binning;

namespace MLOpsLearn.Statistics.Sketches;

/// <summary>
/// Counts over fixed borders, for example the deciles of a reference: bins (-inf, e1], (e1, e2], ..., (ek, +inf). Merges exactly, so
/// PSI, JS and KL of a stream come out as those of its rows. NaN is counted apart. Not thread-safe.
/// </summary>
public sealed class FixedHistogram
{
    private readonly double[] _borders;
    private readonly long[] _counts;

    /// <param name="borders">Strictly ascending, at least one, no NaN.</param>
    public FixedHistogram(ReadOnlySpan<double> borders)
    {
        ArgumentOutOfRangeException.ThrowIfZero(borders.Length, nameof(borders));
        _borders = borders.ToArray();
        for (var i = 0; i < _borders.Length; i++)
        {
            if (double.IsNaN(_borders[i]) || (i > 0 && _borders[i] <= _borders[i - 1]))
            {
                throw new ArgumentException($"Border {i} is {_borders[i]}; borders are strictly ascending.", nameof(borders));
            }
        }

        _counts = new long[_borders.Length + 1];
    }

    /// <summary>Borders between the bins.</summary>
    public IReadOnlyList<double> Borders => _borders;

    /// <summary>Values in each bin.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Values that are NaN.</summary>
    public long NaN { get; private set; }

    /// <summary>Values in bins.</summary>
    public long Total => _counts.Sum();

    /// <summary>Takes values.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        var width = Vector<double>.Count;
        var i = 0;
        for (; i + width <= values.Length; i += width)
        {
            // The bin of a value is the number of borders below it: one comparison a border for a whole vector.
            var vector = new Vector<double>(values[i..]);
            var bins = Vector<long>.Zero;
            foreach (var border in _borders)
            {
                bins -= Vector.GreaterThan(vector, new Vector<double>(border));
            }

            if (!Vector.EqualsAll(vector, vector))
            {
                AddEach(values.Slice(i, width));
                continue;
            }

            for (var k = 0; k < width; k++)
            {
                _counts[bins[k]]++;
            }
        }

        AddEach(values[i..]);
    }

    /// <summary>Takes everything another histogram with the same borders has taken.</summary>
    /// <exception cref="ArgumentException">The borders differ.</exception>
    public void Merge(FixedHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!_borders.AsSpan().SequenceEqual(other._borders))
        {
            throw new ArgumentException("The histograms have different borders.", nameof(other));
        }

        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        NaN += other.NaN;
    }

    /// <summary>Population stability index of two histograms over the same borders.</summary>
    public static MethodResult Psi(FixedHistogram reference, FixedHistogram current) =>
        Compare(reference, current, "psi(bins=fixed,zero=1e-4)", static shares => Divergence.Psi(shares, ZeroFill.Fixed));

    /// <summary>Kullback-Leibler divergence of two histograms over the same borders, in nats.</summary>
    public static MethodResult KullbackLeibler(FixedHistogram reference, FixedHistogram current) =>
        Compare(reference, current, "kl(bins=fixed,zero=1e-4)", static shares => Divergence.KullbackLeibler(shares, ZeroFill.Fixed));

    /// <summary>Jensen-Shannon distance of two histograms over the same borders, in nats.</summary>
    public static MethodResult JensenShannon(FixedHistogram reference, FixedHistogram current) =>
        Compare(reference, current, "js(bins=fixed,log=e)", static shares => Divergence.JensenShannon(shares, Math.E));

    /// <summary>Hellinger distance of two histograms over the same borders.</summary>
    public static MethodResult Hellinger(FixedHistogram reference, FixedHistogram current) =>
        Compare(reference, current, "hellinger(bins=fixed)", static shares => Divergence.Hellinger(shares));

    private static MethodResult Compare(FixedHistogram reference, FixedHistogram current, string method, Func<BinnedShares, double> statistic)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        if (!reference._borders.AsSpan().SequenceEqual(current._borders))
        {
            throw new ArgumentException("The histograms have different borders.", nameof(current));
        }

        return reference.Total == 0 ? MethodResult.Without(method, UndefinedReason.EmptyReference)
            : current.Total == 0 ? MethodResult.Without(method, UndefinedReason.EmptyCurrent)
            : MethodResult.Of(method, statistic(new(reference._counts, current._counts, reference.Total, current.Total)))
                with
            { Bins = reference._counts.Length };
    }

    private void AddEach(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value))
            {
                NaN++;
                continue;
            }

            var bin = 0;
            while (bin < _borders.Length && value > _borders[bin])
            {
                bin++;
            }

            _counts[bin]++;
        }
    }
}
