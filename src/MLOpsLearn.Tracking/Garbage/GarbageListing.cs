using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>Lists runs in an answer, as many as it shows.</summary>
internal static class GarbageListing
{
    private const int Most = 1000;

    public static void List(this CollectGarbageResponse answer, string runId, long experimentId, bool isForGood, string reason)
    {
        if (answer.Listed.Count == Most)
        {
            return;
        }

        answer.Listed.Add(new GarbageRun { RunId = runId, ExperimentId = experimentId, IsForGood = isForGood, Reason = reason });
        if (isForGood)
        {
            answer.RunIds.Add(runId);
        }
    }
}
