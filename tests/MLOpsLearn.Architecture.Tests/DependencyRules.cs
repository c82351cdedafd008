namespace MLOpsLearn.Architecture.Tests;

/// <summary>
/// Which project may reference which: Contracts ← Messaging ← modules ← hosts and Standalone, Learning → Statistics and nothing else below it,
/// and no module sees another. Written over data, so that a made-up graph can show that each rule is able to fail.
/// </summary>
internal static class DependencyRules
{
    private static readonly string[] Modules = ["Tracking", "Registry", "Training", "Inference", "Monitoring"];

    /// <summary>References that break a rule, as "from → to".</summary>
    public static IEnumerable<string> Broken(IReadOnlyDictionary<string, string[]> references) =>
        from pair in references
        where !pair.Key.EndsWith("Tests", StringComparison.Ordinal) && !pair.Key.EndsWith("Benchmarks", StringComparison.Ordinal)
        from target in pair.Value
        where AllowedFor(Short(pair.Key)) is { } allowed && !allowed.Contains(Short(target))
        select $"{pair.Key} → {target}";

    /// <summary>What a project may reference; null when the project isn't bound by a rule.</summary>
    private static string[]? AllowedFor(string project) => project switch
    {
        "Contracts" or "Statistics" or "LocalHosting" => [],
        "Learning" => ["Statistics"],
        "Messaging" or "MLflow" or "Client" or "ServiceDefaults" => ["Contracts"],
        "Client.MLNet" => ["Client"],
        "Tracking" or "Registry" => ["Contracts", "Messaging", "MLflow"],
        "Training" or "Inference" => ["Contracts", "Messaging", "Learning"],
        "Monitoring" => ["Contracts", "Messaging", "Statistics"],
        "Training.Worker" => ["Contracts", "Client", "Learning", "Statistics"],
        "Standalone" => [.. Modules, "Training.Worker", "Messaging", "ServiceDefaults", "Contracts"],
        "Cli" => ["Client", "Standalone", "Statistics"],
        _ when project.EndsWith(".Host", StringComparison.Ordinal) && Modules.Contains(project[..^5]) =>
            [project[..^5], "Messaging", "ServiceDefaults", "Training.Worker"],
        _ => null,
    };

    private static string Short(string project) => project.Replace("MLOpsLearn.", "", StringComparison.Ordinal);
}
