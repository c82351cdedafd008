using System.Diagnostics;
using System.Diagnostics.Metrics;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Registry;

/// <summary>The module's trace source and meter.</summary>
internal static class RegistryTelemetry
{
    private const string Name = "MLOpsLearn.Registry";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Evaluations = Meter.CreateCounter<long>(
        "mlopslearn.registry.evaluations", "{evaluation}", "Answers of the promotion gate: promotions, refusals, and what a freeze held back.");

    private static readonly Counter<long> FailedChecks = Meter.CreateCounter<long>(
        "mlopslearn.registry.failed_checks", "{check}", "Checks of the promotion gate that a version did not pass.");

    private static readonly Histogram<double> EvaluationDuration = Meter.CreateHistogram(
        "mlopslearn.registry.evaluation.duration", "s", "Time of the promotion gate from its call to its answer.", null, Buckets.Work);

    private static readonly Counter<long> Versions = Meter.CreateCounter<long>(
        "mlopslearn.registry.versions", "{version}", "Versions that were registered.");

    private static readonly Counter<long> AliasMoves = Meter.CreateCounter<long>(
        "mlopslearn.registry.alias_moves", "{move}", "Moves of an alias to another version, by the gate or by hand.");

    private static readonly Gauge<int> Freezes = Meter.CreateGauge<int>(
        "mlopslearn.registry.freezes", "{freeze}", "Freezes in force.");

    public static ActivitySource Activities { get; } = new(Name);

    public static void Evaluated(Evaluation evaluation, TimeSpan elapsed)
    {
        AddEvaluations(evaluation.Verdict, 1);
        EvaluationDuration.Record(elapsed.TotalSeconds);
        foreach (var check in evaluation.Checks.Where(check => !check.Passed))
        {
            FailedChecks.Add(1, new KeyValuePair<string, object?>("check", check.Name));
        }
    }

    public static void Registered() => Versions.Add(1);

    public static void AliasMoved(bool byGate) => AddMoves(byGate, 1);

    public static void InForce(int freezes) => Freezes.Record(freezes);

    /// <summary>Shows the counters before anything happens.</summary>
    public static void Baseline()
    {
        AddEvaluations(Verdict.Promoted, 0);
        AddEvaluations(Verdict.Refused, 0);
        AddEvaluations(Verdict.HeldBack, 0);
        FailedChecks.Add(0, new KeyValuePair<string, object?>("check", "metric"));
        Versions.Add(0);
        AddMoves(byGate: true, 0);
        AddMoves(byGate: false, 0);
    }

    private static void AddEvaluations(Verdict verdict, int count) => Evaluations.Add(count, new KeyValuePair<string, object?>("verdict", verdict switch
    {
        Verdict.Promoted => "promoted",
        Verdict.HeldBack => "held_back",
        _ => "refused",
    }));

    private static void AddMoves(bool byGate, int count) => AliasMoves.Add(count, new KeyValuePair<string, object?>("cause", byGate ? "gate" : "hand"));
}
