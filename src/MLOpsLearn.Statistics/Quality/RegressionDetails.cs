using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Quality;

/// <summary>Further measures of a regression that need every row; error = prediction - truth. Null where a measure has no value.</summary>
public sealed record RegressionDetails
{
    private const double SmallestTruth = 2.220446049250313e-16;
    private readonly double[] _truth;
    private readonly double[] _prediction;
    private readonly NumericSample _errors;
    private readonly NumericSample _absoluteErrors;

    /// <summary>Measures rows whose truth and prediction are finite; others are left out.</summary>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public RegressionDetails(ReadOnlySpan<double> truth, ReadOnlySpan<double> prediction)
    {
        Summary = RegressionQuality.Measure(truth, prediction);
        var (kept, predicted) = (new List<double>(truth.Length), new List<double>(truth.Length));
        for (var i = 0; i < truth.Length; i++)
        {
            if (double.IsFinite(truth[i]) && double.IsFinite(prediction[i]))
            {
                kept.Add(truth[i]);
                predicted.Add(prediction[i]);
            }
        }

        (_truth, _prediction) = ([.. kept], [.. predicted]);
        var errors = _truth.Zip(_prediction, static (y, p) => p - y).ToArray();
        _errors = NumericSample.Create(errors);
        _absoluteErrors = NumericSample.Create(Array.ConvertAll(errors, Math.Abs));
    }

    /// <summary>The mergeable measures: MAE, RMSE, bias, R2, skill, WAPE.</summary>
    public RegressionQuality Summary { get; }

    /// <summary>Median absolute error.</summary>
    public double? MedianAbsoluteError => AbsoluteErrorQuantile(0.5);

    /// <summary>Largest absolute error.</summary>
    public double? LargestError => AbsoluteErrorQuantile(1);

    /// <summary>1 - Var(error) / Var(truth); without spread of the truth 1 or 0. Null below two rows.</summary>
    public double? ExplainedVariance
    {
        get
        {
            var spread = Moments.Of(_truth).M2;
            return _truth.Length < 2 ? null : Finite(spread > 0 ? 1 - _errors.Moments.M2 / spread : _errors.Moments.M2 == 0 ? 1 : 0);
        }
    }

    /// <summary>Mean of |error| / max(|truth|, 2.2e-16): one zero truth gives about 1e15. For comparison with other tools only.</summary>
    public double? MapeEpsilon => Mean(static (y, p) => Math.Abs(p - y) / Math.Max(Math.Abs(y), SmallestTruth));

    /// <summary>Mean of |error| / |truth| over truths that are not 0; punishes predicting too much.</summary>
    public double? MapeSkippingZero
    {
        get
        {
            var kept = _truth.Zip(_prediction).Where(row => row.First != 0).Select(row => Math.Abs((row.Second - row.First) / row.First)).ToArray();
            return kept.Length == 0 ? null : Finite(Moments.Of(kept).Mean);
        }
    }

    /// <summary>Rows left out of <see cref="MapeSkippingZero"/>.</summary>
    public int ZeroTruths => _truth.Count(static y => y == 0);

    /// <summary>Mean of 2 |error| / (|truth| + |prediction|), 0 to 2, with 0/0 = 0.</summary>
    public double? Smape => Mean(static (y, p) => y == 0 && p == 0 ? 0 : 2 * Math.Abs(p - y) / (Math.Abs(y) + Math.Abs(p)));

    /// <summary>Root mean squared error of ln(1 + x); null when a truth or prediction is negative.</summary>
    public double? Rmsle => _truth.Concat(_prediction).Any(static x => x < 0)
        ? null
        : Mean(static (y, p) => Math.Pow(Log1(p) - Log1(y), 2)) is { } mean ? Math.Sqrt(mean) : null;

    /// <summary>Pearson correlation of truth and prediction; null when one side is constant.</summary>
    public double? Pearson => Correlation.Pearson(_truth, _prediction);

    /// <summary>Pearson correlation of midranks; null when one side is constant.</summary>
    public double? Spearman => Correlation.Spearman(_truth, _prediction);

    /// <summary>Type-7 quantile of the error.</summary>
    public double? ErrorQuantile(double probability) => Finite(_errors.Quantile(probability));

    /// <summary>Type-7 quantile of the absolute error.</summary>
    public double? AbsoluteErrorQuantile(double probability) => Finite(_absoluteErrors.Quantile(probability));

    /// <summary>Mean of max(a (y - p), (a - 1)(y - p)).</summary>
    /// <param name="quantile">a, 0 to 1.</param>
    public double? Pinball(double quantile) => Mean((y, p) => Math.Max(quantile * (y - p), (quantile - 1) * (y - p)));

    private static double Log1(double x) => Distributions.Gamma.LogOnePlus(x);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private double? Mean(Func<double, double, double> term) =>
        _truth.Length == 0 ? null : Finite(Moments.Of([.. _truth.Zip(_prediction, term)]).Mean);
}
