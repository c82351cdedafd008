using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Multivariate drift by principal components: rows are standardised by the reference, reduced to the fewest components that explain
/// more than the asked variance, and rebuilt; the error of a row is the Euclidean length of what is lost. Immutable once fitted.
/// </summary>
public sealed class PcaReconstruction
{
    private readonly double[] _mean;
    private readonly double[] _deviation;
    private readonly double[][] _components;

    private PcaReconstruction(double[] mean, double[] deviation, double[][] components, double variance)
    {
        (_mean, _deviation, _components) = (mean, deviation, components);
        Method = FormattableString.Invariant($"pca-reconstruction(variance={variance})");
    }

    /// <summary>Method identity.</summary>
    public string Method { get; }

    /// <summary>Number of components kept.</summary>
    public int Components => _components.Length;

    /// <summary>Fits complete rows of finite numbers; <see cref="RowEncoder"/> makes them of mixed columns.</summary>
    /// <param name="rows">Reference rows of equal width, at least one. Categories come as their reference frequency.</param>
    /// <param name="variance">Share of variance that the kept components must exceed.</param>
    /// <exception cref="ArgumentException">There are no rows, or a value is not finite.</exception>
    public static PcaReconstruction Fit(IReadOnlyList<double[]> rows, double variance = 0.65)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Count, nameof(rows));
        var width = rows[0].Length;
        if (rows.Any(row => row.Length != width || !Array.TrueForAll(row, double.IsFinite)))
        {
            throw new ArgumentException("Rows are of equal width and hold only finite numbers.", nameof(rows));
        }

        var columns = Enumerable.Range(0, width).Select(j => Moments.Of([.. rows.Select(row => row[j])])).ToArray();
        var mean = Array.ConvertAll(columns, column => column.Mean);
        var deviation = Array.ConvertAll(columns, column => column.M2 > 0 ? column.StandardDeviationPopulation : 1);
        var correlation = new double[width, width];
        foreach (var row in rows)
        {
            for (var j = 0; j < width; j++)
            {
                var left = (row[j] - mean[j]) / deviation[j];
                for (var k = j; k < width; k++)
                {
                    correlation[j, k] += left * (row[k] - mean[k]) / deviation[k];
                }
            }
        }

        for (var j = 0; j < width; j++)
        {
            for (var k = j; k < width; k++)
            {
                correlation[k, j] = correlation[j, k] /= rows.Count;
            }
        }

        var (values, vectors) = SymmetricEigen.Decompose(correlation);
        double total = values.Sum(), explained = 0;
        var kept = 0;
        while (kept < width && (kept == 0 || explained / total <= variance))
        {
            explained += values[kept++];
        }

        return new(mean, deviation, vectors[..kept], variance);
    }

    /// <summary>Length of what reconstruction loses of a row.</summary>
    public double Error(ReadOnlySpan<double> row)
    {
        var rest = new double[row.Length];
        for (var j = 0; j < rest.Length; j++)
        {
            rest[j] = (row[j] - _mean[j]) / _deviation[j];
        }

        foreach (var component in _components)
        {
            var projection = 0.0;
            for (var j = 0; j < rest.Length; j++)
            {
                projection += component[j] * rest[j];
            }

            for (var j = 0; j < rest.Length; j++)
            {
                rest[j] -= projection * component[j];
            }
        }

        return Math.Sqrt(rest.Sum(static value => value * value));
    }

    /// <summary>Mean error of a chunk and its standard error (null below two rows).</summary>
    public (double Mean, double? StandardError) ChunkError(IEnumerable<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var moments = Moments.Of([.. rows.Select(row => Error(row))]);
        return (moments.Mean, moments.Count < 2 ? null : moments.StandardDeviationSample / Math.Sqrt(moments.Count));
    }
}
