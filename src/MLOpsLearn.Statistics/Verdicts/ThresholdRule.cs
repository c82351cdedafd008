namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>
/// Fires when a distance reaches a fixed number. It means something else at every window size, so small windows carry a warning:
/// without any drift W1 / std &gt;= 0.1 fires on 60 to 76 % of windows of 100 rows.
/// </summary>
public static class ThresholdRule
{
    private const int SmallestForTransport = 1000;
    private const int SmallestForDivergence = 500;
    private const int RowsPerCategory = 100;

    /// <summary>Judges a distance.</summary>
    /// <param name="statistic">The distance.</param>
    /// <param name="threshold">The number; equality fires.</param>
    /// <param name="rows">Rows of the smaller side.</param>
    /// <param name="categories">Number of categories, for a distance over categories.</param>
    public static RuleVerdict Judge(MethodResult statistic, double threshold, long rows, int? categories = null)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        long smallest = categories is { } count ? RowsPerCategory * (long)count
            : statistic.Method.StartsWith("wasserstein", StringComparison.Ordinal) ? SmallestForTransport
            : SmallestForDivergence;
        return new(
            FormattableString.Invariant($"threshold({threshold})"),
            statistic,
            threshold,
            statistic.Statistic is { } value ? value >= threshold : null,
            rows < smallest ? $"{rows} rows are too few for a fixed threshold on {statistic.Method}: at least {smallest} are wanted." : null);
    }
}
