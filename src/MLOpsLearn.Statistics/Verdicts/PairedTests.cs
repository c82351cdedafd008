using MLOpsLearn.Statistics.Distributions;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>
/// Challenger against champion on the same labelled rows: whether the first is better than the second. All are one-sided towards the
/// challenger and undefined (too_few) where there is nothing to compare.
/// </summary>
public static class PairedTests
{
    /// <summary>Accuracy, by the exact binomial law of the rows on which only one is right.</summary>
    public const string McNemar = "mcnemar(exact,greater)";

    /// <summary>Area under the ROC curve, by the covariance of placements.</summary>
    public const string DeLong = "delong(greater)";

    /// <summary>Absolute errors, by Student's test of their differences.</summary>
    public const string PairedT = "t(paired,greater)";

    /// <summary>
    /// McNemar's test (1947) in its exact form: of the rows b + c on which exactly one is right, b are the challenger's. The statistic is
    /// (b - c) / n, the gain in accuracy.
    /// </summary>
    /// <param name="challengerCorrect">Whether the challenger was right, row by row.</param>
    /// <param name="championCorrect">Whether the champion was right on the same rows.</param>
    public static MethodResult TestAccuracy(ReadOnlySpan<bool> challengerCorrect, ReadOnlySpan<bool> championCorrect)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(championCorrect.Length, challengerCorrect.Length, nameof(championCorrect));
        long better = 0, worse = 0;
        for (var i = 0; i < challengerCorrect.Length; i++)
        {
            better += challengerCorrect[i] && !championCorrect[i] ? 1 : 0;
            worse += !challengerCorrect[i] && championCorrect[i] ? 1 : 0;
        }

        return challengerCorrect.Length == 0
            ? MethodResult.Without(McNemar, UndefinedReason.TooFew)
            : MethodResult.Of(McNemar, (double)(better - worse) / challengerCorrect.Length, UpperTail.Binomial(better, better + worse, 0.5));
    }

    /// <summary>
    /// Paired t on absolute errors. The statistic is the mean of champion's minus challenger's absolute error: positive when the
    /// challenger errs less. Rows that are not finite are left out; equal differences without spread have p 0 or 1.
    /// </summary>
    public static MethodResult TestAbsoluteErrors(ReadOnlySpan<double> challengerErrors, ReadOnlySpan<double> championErrors)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(championErrors.Length, challengerErrors.Length, nameof(championErrors));
        var gains = new List<double>(challengerErrors.Length);
        for (var i = 0; i < challengerErrors.Length; i++)
        {
            var gain = Math.Abs(championErrors[i]) - Math.Abs(challengerErrors[i]);
            if (double.IsFinite(gain))
            {
                gains.Add(gain);
            }
        }

        var moments = Moments.Of([.. gains]);
        if (moments.Count < 2)
        {
            return MethodResult.Without(PairedT, UndefinedReason.TooFew);
        }

        var error = moments.StandardDeviationSample / Math.Sqrt(moments.Count);
        var p = error > 0 ? UpperStudent(moments.Mean / error, moments.Count - 1) : moments.Mean > 0 ? 0 : 1;
        return MethodResult.Of(PairedT, moments.Mean, p);
    }

    /// <summary>
    /// DeLong's test (1988) of two areas on the same rows. The statistic is the difference of the areas, challenger minus champion.
    /// Equal rankings have p 1 or 0.
    /// </summary>
    /// <param name="truth">1 for a positive row, anything else for a negative one.</param>
    /// <param name="challenger">Scores of the challenger, finite.</param>
    /// <param name="champion">Scores of the champion on the same rows, finite.</param>
    public static MethodResult TestRocAuc(ReadOnlySpan<int> truth, ReadOnlySpan<double> challenger, ReadOnlySpan<double> champion)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(challenger.Length, truth.Length, nameof(challenger));
        ArgumentOutOfRangeException.ThrowIfNotEqual(champion.Length, truth.Length, nameof(champion));
        var (first, second) = (Placements.Of(truth, challenger), Placements.Of(truth, champion));
        if (first.Positives.Length < 2 || first.Negatives.Length < 2)
        {
            return MethodResult.Without(DeLong, UndefinedReason.TooFew);
        }

        var difference = first.Area - second.Area;
        var variance = VarianceOfGap(first.Positives, second.Positives) + VarianceOfGap(first.Negatives, second.Negatives);
        return variance > 0
            ? MethodResult.Of(DeLong, difference, UpperTail.Normal(difference / Math.Sqrt(variance)))
            : MethodResult.Of(DeLong, difference, difference > 0 ? 0 : 1);
    }

    private static double VarianceOfGap(double[] first, double[] second) =>
        Moments.Of([.. first.Zip(second, static (a, b) => a - b)]).VarianceSample / first.Length;

    private static double UpperStudent(double t, double degrees) =>
        t > 0 ? UpperTail.StudentTwoSided(t, degrees) / 2 : 1 - UpperTail.StudentTwoSided(t, degrees) / 2;
}
