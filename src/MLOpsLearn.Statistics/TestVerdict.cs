namespace MLOpsLearn.Statistics;

/// <summary>A test with its effect and the verdict of the rule <c>p-and-effect</c>: adjusted p &lt;= alpha and effect &gt;= floor.</summary>
/// <param name="Test">The test; undefined tests carry no verdict and do not count in the correction.</param>
/// <param name="AdjustedPValue">p after correction over the report's tests; null when undefined.</param>
/// <param name="Effect">Size of the difference; its method is part of the result.</param>
/// <param name="EffectFloor">Smallest effect that counts.</param>
/// <param name="Drifted">The verdict; null when undefined.</param>
public sealed record TestVerdict(MethodResult Test, double? AdjustedPValue, MethodResult Effect, double EffectFloor, bool? Drifted);
