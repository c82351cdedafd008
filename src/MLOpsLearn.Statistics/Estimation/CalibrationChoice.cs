using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>Whether isotonic calibration helps: the ECE of held-out folds with and without it.</summary>
/// <param name="Calibration">Fitted on all rows; null when the scores are better as they are.</param>
/// <param name="ErrorBefore">ECE (ten bins of equal width) of the raw scores; null without rows.</param>
/// <param name="ErrorAfter">ECE of scores calibrated by folds that did not see them; null with fewer rows than folds.</param>
public sealed record CalibrationChoice(IsotonicCalibration? Calibration, double? ErrorBefore, double? ErrorAfter)
{
    /// <summary><c>calibration=isotonic</c> or <c>calibration=none</c>: part of the identity of every estimate made with it.</summary>
    public string Identity => Calibration is null ? "calibration=none" : "calibration=isotonic";

    /// <summary>Compares on labelled reference rows; rows that are not finite are left out.</summary>
    /// <param name="scores">Scores, 0 to 1.</param>
    /// <param name="outcomes">0 or 1.</param>
    /// <param name="folds">Parts of the rows, each calibrated by the others; at least 2.</param>
    /// <param name="seed">Seed of the split.</param>
    public static CalibrationChoice Between(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcomes, int folds = 5, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var (x, y) = Correlation.Complete(scores, outcomes);
        var before = Calibration(x, y);
        if (x.Length < folds)
        {
            return new(null, before, null);
        }

        var random = new SeededRandom(seed);
        int[] order = [.. Enumerable.Range(0, x.Length)];
        random.Choose(order.AsSpan(), order.Length);
        var calibrated = new double[x.Length];
        for (var fold = 0; fold < folds; fold++)
        {
            var (from, to) = ((int)((long)x.Length * fold / folds), (int)((long)x.Length * (fold + 1) / folds));
            int[] others = [.. order[..from], .. order[to..]];
            var fitted = IsotonicCalibration.Fit([.. others.Select(i => x[i])], [.. others.Select(i => y[i])]);
            foreach (var i in order.AsSpan(from, to - from))
            {
                calibrated[i] = fitted.Predict(x[i]);
            }
        }

        var after = Calibration(calibrated, y);
        return new(after < before ? IsotonicCalibration.Fit(x, y) : null, before, after);

        static double? Calibration(double[] x, double[] y) => Quality.Calibration.EqualWidth(x, y);
    }

    /// <summary>Scores as the estimate uses them.</summary>
    public double[] Apply(ReadOnlySpan<double> scores) => Calibration?.Predict(scores) ?? scores.ToArray();
}
