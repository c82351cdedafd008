namespace MLOpsLearn.Registry.Promotion;

/// <summary>
/// The comparison of two models on the same rows. Errors are label minus prediction. <see cref="PairedT"/> is the paired t statistic of the
/// differences of squared errors, champion minus challenger: positive when the challenger is better; with many rows it is a standard normal
/// under equal quality.
/// </summary>
internal sealed record GateNumbers(
    int Rows,
    double ChallengerRmse,
    double ChallengerMae,
    double? ChampionRmse,
    double? ChampionMae,
    double MeanRmse,
    double MeanMae,
    double? PairedT)
{
    /// <summary>Recomputes everything from the rows. <see cref="MeanRmse"/> and <see cref="MeanMae"/> are those of predicting the rows' own mean label.</summary>
    public static GateNumbers Compute(ScoredRows rows)
    {
        var mean = rows.Labels.Length == 0 ? double.NaN : rows.Labels.Average();
        var (challengerRmse, challengerMae) = Errors(rows.Labels, rows.Challenger);
        var (meanRmse, meanMae) = Errors(rows.Labels, [.. Enumerable.Repeat(mean, rows.Labels.Length)]);
        if (rows.Champion is not { } champion)
        {
            return new GateNumbers(rows.Labels.Length, challengerRmse, challengerMae, null, null, meanRmse, meanMae, null);
        }

        var (championRmse, championMae) = Errors(rows.Labels, champion);
        return new GateNumbers(
            rows.Labels.Length, challengerRmse, challengerMae, championRmse, championMae, meanRmse, meanMae, PairedTOf(rows.Labels, rows.Challenger, champion));
    }

    private static (double Rmse, double Mae) Errors(double[] labels, double[] predictions)
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

    private static double? PairedTOf(double[] labels, double[] challenger, double[] champion)
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

        var deviation = labels.Length > 1 ? Math.Sqrt(m2 / (labels.Length - 1)) : 0;
        return deviation > 0 ? mean / (deviation / Math.Sqrt(labels.Length)) : null;
    }
}
