using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MLOpsLearn.Training;

/// <summary>Traces and metrics of the module.</summary>
internal static class TrainingTelemetry
{
    public const string Name = "MLOpsLearn.Training";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> JobsEnded =
        Meter.CreateCounter<long>("mlopslearn.training.jobs", "{job}", "Attempts that ended, by the state of their job afterwards.");

    public static readonly Counter<long> Decisions =
        Meter.CreateCounter<long>("mlopslearn.training.decisions", "{decision}", "Decisions of the retrain policy, by action.");
}
