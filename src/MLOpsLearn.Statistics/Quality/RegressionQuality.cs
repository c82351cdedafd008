using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Quality;

/// <summary>
/// Quality of a regression on rows with known truth; error = prediction - truth. Mergeable: windows of parts give the window of
/// the whole exactly. All are NaN-free: what has no value is null.
/// </summary>
public sealed record RegressionQuality
{
    private readonly Moments _error;
    private readonly Moments _truth;
    private readonly Moments _absoluteError;

    private RegressionQuality(Moments error, Moments absoluteError, Moments truth, double absoluteTruth, long skipped)
    {
        (_error, _absoluteError, _truth) = (error, absoluteError, truth);
        (AbsoluteTruth, Skipped) = (absoluteTruth, skipped);
    }

    /// <summary>Rows with finite truth and prediction.</summary>
    public long Rows => _error.Count;

    /// <summary>Rows left out because the truth or the prediction is not a finite number.</summary>
    public long Skipped { get; }

    /// <summary>Mean absolute error.</summary>
    public double? Mae => Finite(_absoluteError.Mean);

    /// <summary>Mean squared error.</summary>
    public double? Mse => Finite(SumOfSquares / Rows);

    /// <summary>Root of the mean squared error.</summary>
    public double? Rmse => Finite(Math.Sqrt(SumOfSquares / Rows));

    /// <summary>Mean error: positive when the model predicts too much.</summary>
    public double? Bias => Finite(_error.Mean);

    /// <summary>1 - SSE / SST around the mean truth of these rows; 1 or 0 without spread of the truth, null below two rows.</summary>
    public double? R2 => Rows < 2 ? null : Finite(_truth.M2 > 0 ? 1 - SumOfSquares / _truth.M2 : SumOfSquares == 0 ? 1 : 0);

    /// <summary>1 - RMSE / RMSE of these rows' own mean truth; null without spread of the truth or below two rows.</summary>
    public double? Skill => Rows < 2 || _truth.M2 == 0 ? null : Finite(1 - Math.Sqrt(SumOfSquares / _truth.M2));

    /// <summary>Sum of absolute errors / sum of absolute truths; null when all truths are 0.</summary>
    public double? Wape => AbsoluteTruth > 0 ? Finite(_absoluteError.Mean * Rows / AbsoluteTruth) : null;

    /// <summary>Standard error of <see cref="Mae"/>; null below two rows.</summary>
    public double? MaeStandardError => Rows < 2 ? null : Finite(_absoluteError.StandardDeviationSample / Math.Sqrt(Rows));

    /// <summary>Standard error of <see cref="Bias"/>; null below two rows.</summary>
    public double? BiasStandardError => Rows < 2 ? null : Finite(_error.StandardDeviationSample / Math.Sqrt(Rows));

    /// <summary>Standard error of <see cref="Mse"/>: sample deviation of the squared errors / sqrt(n); null below two rows.</summary>
    public double? MseStandardError
    {
        get
        {
            // With e = mean + d, e^2 varies as 2 mean d + d^2 does: the moments of the errors hold its variance.
            double n = Rows, m2 = _error.M2 / n, mean = _error.Mean;
            var variance = 4 * mean * mean * m2 + 4 * mean * _error.M3 / n + _error.M4 / n - m2 * m2;
            return Rows < 2 ? null : Finite(Math.Sqrt(Math.Max(0, variance) * n / (n - 1)) / Math.Sqrt(n));
        }
    }

    /// <summary>Standard error of <see cref="Rmse"/>: that of the MSE / (2 RMSE); 0 for perfect predictions, null below two rows.</summary>
    public double? RmseStandardError => Rmse is 0 && Rows > 1 ? 0 : MseStandardError / (2 * Rmse);

    private double AbsoluteTruth { get; }

    private double SumOfSquares => _error.M2 + _error.Count * _error.Mean * _error.Mean;

    /// <summary>Measures predictions against truths, row by row.</summary>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public static RegressionQuality Measure(ReadOnlySpan<double> truth, ReadOnlySpan<double> prediction)
    {
        if (truth.Length != prediction.Length)
        {
            throw new ArgumentException($"{truth.Length} truths do not match {prediction.Length} predictions.", nameof(prediction));
        }

        double[] errors = new double[truth.Length], absolute = new double[truth.Length], truths = new double[truth.Length];
        var count = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            if (double.IsFinite(truth[i]) && double.IsFinite(prediction[i]))
            {
                errors[count] = prediction[i] - truth[i];
                absolute[count] = Math.Abs(errors[count]);
                truths[count++] = truth[i];
            }
        }

        var absoluteTruth = 0.0;
        foreach (var value in truths.AsSpan(0, count))
        {
            absoluteTruth += Math.Abs(value);
        }

        return new(
            Moments.Of(errors.AsSpan(0, count)), Moments.Of(absolute.AsSpan(0, count)), Moments.Of(truths.AsSpan(0, count)),
            absoluteTruth, truth.Length - count);
    }

    /// <summary>Quality of two disjoint sets of rows taken together.</summary>
    public static RegressionQuality Merge(RegressionQuality a, RegressionQuality b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new(
            Moments.Merge(a._error, b._error), Moments.Merge(a._absoluteError, b._absoluteError), Moments.Merge(a._truth, b._truth),
            a.AbsoluteTruth + b.AbsoluteTruth, a.Skipped + b.Skipped);
    }

    private double? Finite(double value) => Rows > 0 && double.IsFinite(value) ? value : null;
}
