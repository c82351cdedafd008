namespace MLOpsLearn.Cli.Runs;

/// <summary>One thing in which runs differ.</summary>
/// <param name="Kind">"metric", "param", "tag" or "dataset".</param>
/// <param name="Name">Its key.</param>
/// <param name="Values">The value in each run; null in a run that has none.</param>
/// <param name="Size">
/// Of a metric: the range of its values, divided by the greatest magnitude, 0 to 2; infinite when a run has no number there. Null for everything else.
/// </param>
internal sealed record Difference(string Kind, string Name, IReadOnlyList<string?> Values, double? Size);
