namespace MLOpsLearn.Registry.Promotion;

/// <summary>
/// The comparison of two models on the same rows. Errors are label minus prediction. <see cref="PairedT"/> is the paired t statistic of the
/// differences of squared errors, champion minus challenger: positive when the challenger is better; <see cref="PairedP"/> is its two-sided
/// p-value with one degree of freedom less than rows. Both are null without a champion, with fewer than two rows, or when all differences are equal.
/// </summary>
internal sealed record GateNumbers(
    int Rows,
    double ChallengerRmse,
    double ChallengerMae,
    double? ChampionRmse,
    double? ChampionMae,
    double MeanRmse,
    double MeanMae,
    double? PairedT,
    double? PairedP)
{
    /// <summary>Recomputes everything from the rows. <see cref="MeanRmse"/> and <see cref="MeanMae"/> are those of predicting the rows' own mean label.</summary>
    public static GateNumbers Compute(ScoredRows rows)
    {
        var labels = rows.Labels;
        var challenger = Errors(labels, rows.Challenger);
        var mean = ErrorsOfMean(labels);
        if (rows.Champion is not { } predictions)
        {
            return new GateNumbers(labels.Length, challenger.Rmse, challenger.Mae, null, null, mean.Rmse, mean.Mae, null, null);
        }

        var champion = Errors(labels, predictions);
        var t = PairedTOf(labels, rows.Challenger, predictions);
        return new GateNumbers(
            labels.Length, challenger.Rmse, challenger.Mae, champion.Rmse, champion.Mae, mean.Rmse, mean.Mae, t, t is null ? null : StudentT.TwoSided(t.Value, labels.Length - 1));
    }

    private static (double Rmse, double Mae) Errors(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        double squares = 0, absolutes = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = labels[i] - predictions[i];
            squares += error * error;
            absolutes += Math.Abs(error);
        }

        return (Math.Sqrt(squares / labels.Length), absolutes / labels.Length);
    }

    private static (double Rmse, double Mae) ErrorsOfMean(ReadOnlySpan<double> labels)
    {
        double mean = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            mean += (labels[i] - mean) / (i + 1);
        }

        double squares = 0, absolutes = 0;
        foreach (var label in labels)
        {
            squares += (label - mean) * (label - mean);
            absolutes += Math.Abs(label - mean);
        }

        return (Math.Sqrt(squares / labels.Length), absolutes / labels.Length);
    }

    private static double? PairedTOf(ReadOnlySpan<double> labels, ReadOnlySpan<double> challenger, ReadOnlySpan<double> champion)
    {
        double mean = 0, m2 = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var ours = labels[i] - challenger[i];
            var theirs = labels[i] - champion[i];
            var difference = (theirs * theirs) - (ours * ours);
            var delta = difference - mean;
            mean += delta / (i + 1);
            m2 += delta * (difference - mean);
        }

        var t = labels.Length > 1 ? mean / Math.Sqrt(m2 / (labels.Length - 1) / labels.Length) : double.NaN;
        return double.IsFinite(t) ? t : null;
    }
}
