namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Direct loss estimation: a linear least squares model of the main model's error on labelled reference rows, that then estimates
/// the error of unlabelled rows. Fit it on rows the main model has not learned from. Outputs are floored at 0.
/// </summary>
public sealed class LinearLossEstimator
{
    private readonly double[] _coefficients;
    private readonly double[] _lowest;
    private readonly double[] _highest;

    private LinearLossEstimator(double[] coefficients, double[] lowest, double[] highest) =>
        (_coefficients, _lowest, _highest) = (coefficients, lowest, highest);

    /// <summary>Intercept, then one coefficient a feature.</summary>
    public IReadOnlyList<double> Coefficients => _coefficients;

    /// <summary>Fits losses (absolute or squared errors) on features. A feature without spread gets coefficient 0.</summary>
    /// <exception cref="ArgumentException">There are no rows, the two differ in length, or a number is not finite.</exception>
    public static LinearLossEstimator Fit(IReadOnlyList<double[]> features, ReadOnlySpan<double> losses)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.Count == 0 || features.Count != losses.Length)
        {
            throw new ArgumentException($"{features.Count} rows of features do not match {losses.Length} losses.", nameof(losses));
        }

        var width = features[0].Length;
        if (features.Any(row => row.Length != width || !Array.TrueForAll(row, double.IsFinite)) || losses.ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
        {
            throw new ArgumentException("Rows are of equal width, and features and losses are finite numbers.", nameof(features));
        }

        var targets = losses.ToArray();
        var means = Enumerable.Range(0, width).Select(j => features.Average(row => row[j])).ToArray();
        var mean = targets.Average();

        // Centred normal equations: the intercept drops out and the matrix keeps its digits.
        var matrix = new double[width, width + 1];
        for (var i = 0; i < targets.Length; i++)
        {
            for (var j = 0; j < width; j++)
            {
                var left = features[i][j] - means[j];
                matrix[j, width] += left * (targets[i] - mean);
                for (var k = 0; k < width; k++)
                {
                    matrix[j, k] += left * (features[i][k] - means[k]);
                }
            }
        }

        var slopes = Solve(matrix, width);
        return new(
            [mean - slopes.Zip(means, static (slope, m) => slope * m).Sum(), .. slopes],
            [.. Enumerable.Range(0, width).Select(j => features.Min(row => row[j]))],
            [.. Enumerable.Range(0, width).Select(j => features.Max(row => row[j]))]);
    }

    /// <summary>Estimated loss of a row, at least 0.</summary>
    public double Predict(ReadOnlySpan<double> features)
    {
        var sum = _coefficients[0];
        for (var j = 0; j < features.Length; j++)
        {
            sum += _coefficients[j + 1] * features[j];
        }

        return Math.Max(0, sum);
    }

    /// <summary>
    /// Estimated mean loss of a chunk, <c>dle(model=ols)</c>: the MAE of an estimator fitted on absolute errors, the MSE (whose root is the
    /// RMSE) of one fitted on squared errors. Null without rows.
    /// </summary>
    public double? MeanLoss(IReadOnlyCollection<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Count == 0 ? null : rows.Average(row => Predict(row));
    }

    /// <summary>Share of rows outside the features of the reference; null without rows.</summary>
    public double? ShareOutside(IReadOnlyCollection<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Count == 0 ? null : (double)rows.Count(row => IsOutside(row)) / rows.Count;
    }

    /// <summary>Whether a row lies outside the features of the reference, where the estimate is extrapolated.</summary>
    public bool IsOutside(ReadOnlySpan<double> features)
    {
        for (var j = 0; j < features.Length; j++)
        {
            if (features[j] < _lowest[j] || features[j] > _highest[j])
            {
                return true;
            }
        }

        return false;
    }

    // Gaussian elimination with partial pivoting; a pivot of nothing but rounding drops its feature.
    private static double[] Solve(double[,] matrix, int width)
    {
        var scale = Enumerable.Range(0, width).Select(j => Math.Abs(matrix[j, j])).DefaultIfEmpty(0).Max();
        var used = new int[width];
        Array.Fill(used, -1);
        var row = 0;
        for (var column = 0; column < width; column++)
        {
            var pivot = Enumerable.Range(row, width - row).OrderByDescending(r => Math.Abs(matrix[r, column])).FirstOrDefault(-1);
            if (pivot < 0 || Math.Abs(matrix[pivot, column]) <= scale * 1e-14)
            {
                continue;
            }

            for (var k = 0; k <= width; k++)
            {
                (matrix[row, k], matrix[pivot, k]) = (matrix[pivot, k], matrix[row, k]);
            }

            for (var r = 0; r < width; r++)
            {
                var factor = r == row ? 0 : matrix[r, column] / matrix[row, column];
                for (var k = column; k <= width && factor != 0; k++)
                {
                    matrix[r, k] -= factor * matrix[row, k];
                }
            }

            used[column] = row++;
        }

        return [.. Enumerable.Range(0, width).Select(c => used[c] < 0 ? 0 : matrix[used[c], width] / matrix[used[c], c])];
    }
}
