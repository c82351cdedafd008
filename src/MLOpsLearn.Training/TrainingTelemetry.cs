using System.Diagnostics;
using System.Diagnostics.Metrics;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Measurements;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training;

/// <summary>Traces and metrics of the module.</summary>
internal static class TrainingTelemetry
{
    public const string Name = "MLOpsLearn.Training";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Attempts =
        Meter.CreateCounter<long>("mlopslearn.training.jobs", "{job}", "Attempts that ended, by the state of their job afterwards.");

    private static readonly Counter<long> Decisions =
        Meter.CreateCounter<long>("mlopslearn.training.decisions", "{decision}", "Decisions of the retrain policy, by action.");

    private static readonly Histogram<double> JobDuration =
        Meter.CreateHistogram("mlopslearn.training.job.duration", "s", "Time from a job's first start to its end.", null, Buckets.Work);

    private static readonly Histogram<double> StepDuration =
        Meter.CreateHistogram("mlopslearn.training.step.duration", "s", "Time of one step of a job that ended.", null, Buckets.Work);

    private static readonly Gauge<int> QueueDepth =
        Meter.CreateGauge<int>("mlopslearn.training.queue.depth", "{job}", "Jobs that wait to be run, counted up to 10,000.");

    private static readonly Gauge<double> QueueAge =
        Meter.CreateGauge<double>("mlopslearn.training.queue.age", "s", "Time that the oldest job waits to be run; 0 when none waits.");

    private static readonly Gauge<int> JobsRunning =
        Meter.CreateGauge<int>("mlopslearn.training.jobs.running", "{job}", "Jobs that run, on any replica.");

    public static void AttemptEnded(JobState state, int attempts = 1) => Attempts.Add(attempts, new KeyValuePair<string, object?>("state", JobStates.Word(state)));

    public static void Decided(string action, int decisions = 1) => Decisions.Add(decisions, new KeyValuePair<string, object?>("action", action));

    public static void Ended(TrainingJob job)
    {
        if (job is { StartTime: { } start, EndTime: { } end })
        {
            JobDuration.Record((end - start).TotalSeconds, new("pipeline", job.Pipeline), new("state", JobStates.Word(job.State)));
        }

        foreach (var step in job.Steps)
        {
            if (step.End is { } stepEnd)
            {
                StepDuration.Record((stepEnd - step.Start).TotalSeconds, new("pipeline", job.Pipeline), new("step", step.Name));
            }
        }
    }

    /// <summary>Shows each step as a span of the current one: the worker process, which takes most of them, has no exporter of its own.</summary>
    public static void Trace(IEnumerable<StepEntry> steps)
    {
        foreach (var step in steps)
        {
            using var activity = Activities.StartActivity($"step {step.Name}", ActivityKind.Internal, Activity.Current?.Context ?? default, startTime: step.Start);
            activity?.SetTag("mlopslearn.step.message", step.Message).SetEndTime((step.End ?? step.Start).UtcDateTime);
        }
    }

    public static void Queue(int waiting, TimeSpan age, int running)
    {
        QueueDepth.Record(waiting);
        QueueAge.Record(age.TotalSeconds);
        JobsRunning.Record(running);
    }

    /// <summary>Shows the counters before anything happens.</summary>
    public static void Baseline()
    {
        AttemptEnded(JobState.Succeeded, 0);
        AttemptEnded(JobState.Failed, 0);
        Decided(RetrainVerdict.Retrain, 0);
    }
}
