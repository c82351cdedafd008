namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>Verdict of a rule on one statistic.</summary>
/// <param name="Rule">Identity of the rule with every parameter, the seed included.</param>
/// <param name="Statistic">The statistic it judges, with its p-value where the rule gives one.</param>
/// <param name="Limit">Value beyond which the rule fires; null for rules on p-values.</param>
/// <param name="Drifted">The verdict; null when the statistic is undefined.</param>
/// <param name="Warning">Why the verdict should not be trusted; null when there is nothing to say.</param>
public sealed record RuleVerdict(string Rule, MethodResult Statistic, double? Limit, bool? Drifted, string? Warning = null);
