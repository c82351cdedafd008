using System.Runtime.InteropServices;

namespace MLOpsLearn.Statistics.Quality;

/// <summary>Quality of a binary classifier on rows with known truth. Null where a measure has no value, for example when a class is absent.</summary>
public sealed record BinaryQuality
{
    private readonly double[] _truth;
    private readonly double[] _score;
    private readonly ScoreCurve _curve;

    /// <summary>Measures scores against truths.</summary>
    /// <param name="truth">0 or 1.</param>
    /// <param name="score">Probability of 1, 0 to 1. Rows whose score is not a finite number are left out.</param>
    /// <param name="threshold">Rows with score &gt;= threshold are predicted 1.</param>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public BinaryQuality(ReadOnlySpan<int> truth, ReadOnlySpan<double> score, double threshold = 0.5)
    {
        if (truth.Length != score.Length)
        {
            throw new ArgumentException($"{truth.Length} truths do not match {score.Length} scores.", nameof(score));
        }

        var (kept, labels, predicted) = (new List<double>(score.Length), new List<int>(score.Length), new List<int>(score.Length));
        for (var i = 0; i < truth.Length; i++)
        {
            if (double.IsFinite(score[i]))
            {
                kept.Add(score[i]);
                labels.Add(truth[i]);
                predicted.Add(score[i] >= threshold ? 1 : 0);
            }
        }

        (_score, _truth) = ([.. kept], [.. labels.Select(static label => (double)label)]);
        Skipped = truth.Length - kept.Count;
        Confusion = ConfusionMatrix.Count(CollectionsMarshal.AsSpan(labels), CollectionsMarshal.AsSpan(predicted), 2);
        _curve = new(_score, _truth);
    }

    /// <summary>Counts and their measures; label 1 is the positive one.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Rows measured.</summary>
    public int Rows => _truth.Length;

    /// <summary>Rows left out because their score is not a finite number.</summary>
    public int Skipped { get; }

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

    /// <summary>Wilson interval of the accuracy.</summary>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    public Interval AccuracyInterval(double level = 0.95) => Interval.Wilson(Confusion[0, 0] + Confusion[1, 1], Rows, Rows, level);

    /// <summary>Wilson interval of the precision.</summary>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    public Interval PrecisionInterval(double level = 0.95) => Interval.Wilson(Confusion[1, 1], Confusion.Predicted(1), Rows, level);

    /// <summary>Wilson interval of the recall.</summary>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    public Interval RecallInterval(double level = 0.95) => Interval.Wilson(Confusion[1, 1], Confusion.Support(1), Rows, level);

    /// <summary>Hanley-McNeil interval of the area under the ROC curve.</summary>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    public Interval RocAucInterval(double level = 0.95) => Interval.HanleyMcNeil(RocAuc, (long)_curve.Positives, (long)_curve.Negatives, level);

    /// <summary>Interval of the area under the ROC curve from resampling each class with replacement.</summary>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    /// <param name="resamples">Number of resamples, at least 200.</param>
    /// <param name="seed">Seed; part of the identity.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    public Interval RocAucBootstrap(
        double level = 0.95, int resamples = 1000, ulong seed = 1, CancellationToken cancellationToken = default) =>
        Interval.BootstrapAuc(_score, _truth, level, resamples, seed, cancellationToken);

    private static double Clip(double p) => Math.Clamp(p, 2.220446049250313e-16, 1 - 2.220446049250313e-16);
}
