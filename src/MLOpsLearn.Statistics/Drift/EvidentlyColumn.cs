namespace MLOpsLearn.Statistics.Drift;

/// <summary>One column of the Evidently-compatible profile.</summary>
/// <param name="Name">Column name.</param>
/// <param name="Result">The method that the profile picks; undefined when a side is empty or the column is not comparable.</param>
/// <param name="Threshold">Limit of the score.</param>
/// <param name="Score">The p-value or the distance; null when undefined.</param>
/// <param name="Drifted">The verdict; null when undefined.</param>
public sealed record EvidentlyColumn(string Name, MethodResult Result, double Threshold, double? Score, bool? Drifted);
