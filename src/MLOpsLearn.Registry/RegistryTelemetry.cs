using System.Diagnostics;
using System.Diagnostics.Metrics;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry;

/// <summary>The module's trace source and meter.</summary>
internal static class RegistryTelemetry
{
    private const string Name = "MLOpsLearn.Registry";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Evaluations = Meter.CreateCounter<long>(
        "mlopslearn.registry.evaluations", "{evaluation}", "Answers of the promotion gate, by verdict.");

    public static ActivitySource Activities { get; } = new(Name);

    public static void Evaluated(Verdict verdict) => Evaluations.Add(1, new KeyValuePair<string, object?>("verdict", verdict.ToString()));
}
