namespace MLOpsLearn.Statistics.Drift;

/// <summary>Limits that Evidently 0.7 gives each method when it is asked for by name, for comparison only.</summary>
public static class EvidentlyThresholds
{
    private static readonly string[] Distances = ["psi", "kl", "js", "wasserstein", "hellinger", "energy", "tvd"];
    private static readonly string[] LenientTests = ["anderson", "g("];

    /// <summary>0.1 for distances, Anderson-Darling and the G test; 0.05 for the other p-values.</summary>
    public static double Of(string method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return IsDistance(method) || LenientTests.Any(name => method.StartsWith(name, StringComparison.Ordinal)) ? 0.1 : 0.05;
    }

    /// <summary>
    /// The verdict there: a distance fires at or above its limit (energy only above it), a p-value below it (Kolmogorov-Smirnov also at it).
    /// </summary>
    public static EvidentlyColumn Judge(string name, MethodResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var limit = Of(result.Method);
        var score = IsDistance(result.Method) ? result.Statistic : result.PValue;
        return new(name, result, limit, score, score is not { } value ? null
            : result.Method.StartsWith("energy", StringComparison.Ordinal) ? value > limit
            : IsDistance(result.Method) ? value >= limit
            : result.Method.StartsWith("ks", StringComparison.Ordinal) ? value <= limit
            : value < limit);
    }

    private static bool IsDistance(string method) => Distances.Any(name => method.StartsWith(name, StringComparison.Ordinal));
}
