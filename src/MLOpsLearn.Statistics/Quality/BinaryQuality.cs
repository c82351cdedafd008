namespace MLOpsLearn.Statistics.Quality;

/// <summary>Quality of a binary classifier on rows with known truth. Null where a measure has no value, for example when a class is absent.</summary>
public sealed record BinaryQuality
{
    private readonly double[] _truth;
    private readonly double[] _score;
    private readonly ScoreCurve _curve;

    /// <summary>Measures scores against truths.</summary>
    /// <param name="truth">0 or 1.</param>
    /// <param name="score">Probability of 1, 0 to 1.</param>
    /// <param name="threshold">Rows with score &gt;= threshold are predicted 1.</param>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public BinaryQuality(ReadOnlySpan<int> truth, ReadOnlySpan<double> score, double threshold = 0.5)
    {
        if (truth.Length != score.Length)
        {
            throw new ArgumentException($"{truth.Length} truths do not match {score.Length} scores.", nameof(score));
        }

        _score = score.ToArray();
        _truth = new double[truth.Length];
        var predicted = new int[truth.Length];
        for (var i = 0; i < truth.Length; i++)
        {
            _truth[i] = truth[i];
            predicted[i] = score[i] >= threshold ? 1 : 0;
        }

        Confusion = ConfusionMatrix.Count(truth, predicted, 2);
        _curve = new(_score, _truth);
    }

    /// <summary>Counts and their measures; label 1 is the positive one.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Rows.</summary>
    public int Rows => _truth.Length;

    /// <summary>Share of positives.</summary>
    public double? BaseRate => Rows == 0 ? null : _curve.Positives / Rows;

    /// <summary>P(score of a positive &gt; score of a negative), ties one half.</summary>
    public double? RocAuc => _curve.RocAuc();

    /// <summary>2 AUC - 1.</summary>
    public double? Gini => 2 * RocAuc - 1;

    /// <summary>Sum of (R_k - R_k-1) P_k over descending distinct scores.</summary>
    public double? AveragePrecision => _curve.AveragePrecision();

    /// <summary>Area under the precision-recall curve by trapezoids: too optimistic, for comparison only.</summary>
    public double? PrecisionRecallArea => _curve.PrecisionRecallArea();

    /// <summary>Largest distance between the score distributions of the classes.</summary>
    public double? KsSeparation => _curve.KsSeparation();

    /// <summary>Mean -ln p(truth), clipped at 2.2e-16.</summary>
    public double? LogLoss => Calibration.LogLoss(
        [.. _score.Select(p => new[] { 1 - Clip(p), Clip(p) })], Array.ConvertAll(_truth, static y => (int)y));

    /// <summary>Mean (p - y)^2.</summary>
    public double? Brier => Rows == 0 ? null : _score.Zip(_truth, static (p, y) => (p - y) * (p - y)).Sum() / Rows;

    /// <summary>Expected calibration error, ten bins of equal width.</summary>
    public double? CalibrationErrorEqualWidth => Calibration.EqualWidth(_score, _truth);

    /// <summary>Expected calibration error, ten bins of equal count.</summary>
    public double? CalibrationErrorEqualCount => Calibration.EqualCount(_score, _truth);

    private static double Clip(double p) => Math.Clamp(p, 2.220446049250313e-16, 1 - 2.220446049250313e-16);
}
