using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>The life of a job: which state may follow which.</summary>
internal static class JobStates
{
    /// <summary>
    /// QUEUED → RUNNING → SUCCEEDED or FAILED; back to QUEUED for another attempt; CANCELLED from either. RUNNING → RUNNING is a take-over of a
    /// lease that ran out. An end is final.
    /// </summary>
    public static bool CanMove(JobState from, JobState to) => (from, to) switch
    {
        (JobState.Queued, JobState.Running or JobState.Cancelled or JobState.Failed) => true,
        (JobState.Running, JobState.Running or JobState.Queued or JobState.Succeeded or JobState.Failed or JobState.Cancelled) => true,
        _ => false,
    };

    public static bool HasEnded(JobState state) => state is JobState.Succeeded or JobState.Failed or JobState.Cancelled;

    /// <summary>The word for a state in events.</summary>
    public static string Word(JobState state) => state.ToString().ToLowerInvariant();
}
