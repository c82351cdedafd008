namespace MLOpsLearn.Statistics.Labels;

/// <summary>A label as the log holds it.</summary>
/// <param name="Id">Key of the prediction.</param>
/// <param name="Value">The truth; ignored by a retraction.</param>
/// <param name="Arrived">When the log received it.</param>
/// <param name="Version">Raises precedence; null counts as 0.</param>
/// <param name="IsRetraction">Removes the label instead of setting it.</param>
public sealed record Label(string Id, string? Value, long Arrived, long? Version = null, bool IsRetraction = false);
