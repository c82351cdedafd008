namespace MLOpsLearn.Statistics.Labels;

/// <summary>Rules of the join, in the unit of the log's times.</summary>
/// <param name="Horizon">Longest delay between event time and label, inclusive.</param>
/// <param name="EarlyTtl">How long a label waits for its prediction, inclusive.</param>
/// <param name="Classes">Valid values; null accepts all.</param>
/// <param name="MinCoverage">Smallest share of labelled predictions for a provisional result.</param>
/// <param name="MinLabels">Fewest labelled predictions for a provisional result.</param>
public sealed record LabelJoinSettings(
    long Horizon, long EarlyTtl, IReadOnlySet<string>? Classes = null, double MinCoverage = 0.3, int MinLabels = 30);
