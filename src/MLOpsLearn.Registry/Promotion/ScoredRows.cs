namespace MLOpsLearn.Registry.Promotion;

/// <summary>Held-out rows as both models scored them.</summary>
/// <param name="Labels">What came true.</param>
/// <param name="Challenger">Predictions of the challenger, one for each label.</param>
/// <param name="Champion">Predictions of the champion; null when there was none.</param>
/// <param name="ChampionVersion">The version that the champion's predictions came from; 0 when none.</param>
/// <param name="Sha256">Digest of the file.</param>
internal sealed record ScoredRows(double[] Labels, double[] Challenger, double[]? Champion, int ChampionVersion, string Sha256);
