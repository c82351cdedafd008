using System.Numerics;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// Count, mean and sums of the 2nd to 4th powers of the deviations from it. Two of them merge exactly
/// (Chan, Golub and LeVeque 1983; Pebay 2008), so they serve chunks, panes and streams.
/// </summary>
/// <param name="Count">Number of values.</param>
/// <param name="Mean">Mean; 0 without values.</param>
/// <param name="M2">Sum of squared deviations.</param>
/// <param name="M3">Sum of cubed deviations.</param>
/// <param name="M4">Sum of deviations to the fourth.</param>
public readonly record struct Moments(long Count, double Mean, double M2, double M3, double M4)
{
    private const int Block = 512;

    /// <summary>Population variance; NaN without values.</summary>
    public double VariancePopulation => M2 / Count;

    /// <summary>Sample variance (n - 1); NaN for fewer than two values.</summary>
    public double VarianceSample => Count < 2 ? double.NaN : M2 / (Count - 1);

    /// <summary>Population standard deviation.</summary>
    public double StandardDeviationPopulation => Math.Sqrt(VariancePopulation);

    /// <summary>Sample standard deviation.</summary>
    public double StandardDeviationSample => Math.Sqrt(VarianceSample);

    /// <summary>Biased skewness m3 / m2^1.5; NaN without spread.</summary>
    public double SkewnessPopulation => M3 / Count / Math.Pow(VariancePopulation, 1.5);

    /// <summary>Biased excess kurtosis m4 / m2^2 - 3; NaN without spread.</summary>
    public double ExcessKurtosisPopulation => M4 / Count / (VariancePopulation * VariancePopulation) - 3;

    /// <summary>Moments of finite values, block by block in pairs: the error does not grow with the count.</summary>
    public static Moments Of(ReadOnlySpan<double> values)
    {
        if (values.Length <= Block)
        {
            return OfBlock(values);
        }

        var half = (values.Length / Block + 1) / 2 * Block;
        return Merge(Of(values[..half]), Of(values[half..]));
    }

    /// <summary>Moments of the union of two disjoint parts.</summary>
    public static Moments Merge(in Moments a, in Moments b)
    {
        if (a.Count == 0)
        {
            return b;
        }

        if (b.Count == 0)
        {
            return a;
        }

        double na = a.Count, nb = b.Count;
        var n = na + nb;
        var d = b.Mean - a.Mean;
        var d2 = d * d;
        var mean = a.Mean + d * (nb / n);
        var m2 = a.M2 + b.M2 + d2 * na * nb / n;
        var m3 = a.M3 + b.M3 + d * d2 * na * nb * (na - nb) / (n * n) + 3 * d * (na * b.M2 - nb * a.M2) / n;
        var m4 = a.M4 + b.M4 + d2 * d2 * na * nb * (na * na - na * nb + nb * nb) / (n * n * n)
            + 6 * d2 * (na * na * b.M2 + nb * nb * a.M2) / (n * n) + 4 * d * (na * b.M3 - nb * a.M3) / n;
        return new(a.Count + b.Count, mean, m2, m3, m4);
    }

    private static Moments OfBlock(ReadOnlySpan<double> values)
    {
        if (values.Length == 0)
        {
            return default;
        }

        var width = Vector<double>.Count;
        var whole = values.Length - values.Length % width;
        var sums = Vector<double>.Zero;
        for (var i = 0; i < whole; i += width)
        {
            sums += new Vector<double>(values[i..]);
        }

        var total = Vector.Sum(sums);
        foreach (var value in values[whole..])
        {
            total += value;
        }

        // Values near the largest double overflow their sum: take the mean of the scaled values then.
        var mean = double.IsFinite(total) ? total / values.Length : ScaledMean(values);
        var center = new Vector<double>(mean);
        Vector<double> s1 = default, s2 = default, s3 = default, s4 = default;
        for (var i = 0; i < whole; i += width)
        {
            var d = new Vector<double>(values[i..]) - center;
            var square = d * d;
            s1 += d;
            s2 += square;
            s3 += square * d;
            s4 += square * square;
        }

        double m1 = Vector.Sum(s1), m2 = Vector.Sum(s2), m3 = Vector.Sum(s3), m4 = Vector.Sum(s4);
        foreach (var value in values[whole..])
        {
            var d = value - mean;
            m1 += d;
            m2 += d * d;
            m3 += d * d * d;
            m4 += d * d * d * d;
        }

        // The second pass also measures what rounding left of the first moment.
        var rest = m1 / values.Length;
        return new(values.Length, mean + rest, Math.Max(0, m2 - m1 * rest), m3 - 3 * rest * m2, m4 - 4 * rest * m3 + 6 * rest * rest * m2);
    }

    private static double ScaledMean(ReadOnlySpan<double> values)
    {
        var mean = 0.0;
        foreach (var value in values)
        {
            mean += value / values.Length;
        }

        return mean;
    }
}
