using System.Diagnostics;
using System.Diagnostics.Metrics;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Messaging.Measurements;

namespace MLOpsLearn.Tracking;

/// <summary>Traces and metrics of the module.</summary>
internal static class TrackingTelemetry
{
    private const string Name = "MLOpsLearn.Tracking";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> RunsStarted =
        Meter.CreateCounter<long>("mlopslearn.tracking.runs.started", "{run}", "Runs that were started.");

    private static readonly Counter<long> RunsEnded =
        Meter.CreateCounter<long>("mlopslearn.tracking.runs.ended", "{run}", "Runs that ended, by how.");

    private static readonly Counter<long> MetricPoints =
        Meter.CreateCounter<long>("mlopslearn.tracking.metric_points", "{point}", "Metric values that were logged.");

    private static readonly Histogram<double> LogDuration =
        Meter.CreateHistogram("mlopslearn.tracking.log.duration", "s", "Time to store one call's params, tags, datasets and metrics.", null, Buckets.Answer);

    private static readonly Counter<long> ArtifactBytes =
        Meter.CreateCounter<long>("mlopslearn.tracking.artifact.received", "By", "Bytes of artifacts that were stored.");

    public static void Started(int runs = 1) => RunsStarted.Add(runs);

    public static void Ended(RunStatus status, int runs = 1) => RunsEnded.Add(runs, new KeyValuePair<string, object?>("status", status switch
    {
        RunStatus.Finished => "finished",
        RunStatus.Killed => "killed",
        _ => "failed",
    }));

    public static void Logged(int points, TimeSpan elapsed)
    {
        MetricPoints.Add(points);
        LogDuration.Record(elapsed.TotalSeconds);
    }

    public static void Received(long bytes) => ArtifactBytes.Add(bytes);

    /// <summary>Shows the counters before anything happens.</summary>
    public static void Baseline()
    {
        Started(0);
        Ended(RunStatus.Finished, 0);
        Ended(RunStatus.Failed, 0);
        Ended(RunStatus.Killed, 0);
        MetricPoints.Add(0);
        Received(0);
    }
}
