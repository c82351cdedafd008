using k8s.Models;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.KubernetesJobs;

/// <summary>Reads from a job and its pod how the worker ended, and whose fault it was.</summary>
internal static class PodEnd
{
    private const int MostCharacters = 500;

    /// <summary>Reasons of a job's condition or of a pod that put the blame on what the pod ran on.</summary>
    private static readonly string[] ForeignReasons = ["Evicted", "NodeLost", "NodeShutdown", "Terminated", "Preempting", "UnexpectedAdmissionError"];

    /// <param name="job">As last seen.</param>
    /// <param name="pod">The job's pod; null when there is none any more.</param>
    /// <param name="memoryLimitBytes">Training:MemoryLimitBytes, for the message.</param>
    public static WorkerEnd Describe(V1Job job, V1Pod? pod, long memoryLimitBytes)
    {
        var name = job.Metadata.Name;
        var failed = Condition(job, "Failed");
        if (failed?.Reason == "DeadlineExceeded")
        {
            return new WorkerEnd($"Kubernetes job {name} was ended after its time limit of {job.Spec.ActiveDeadlineSeconds} s", WorkerEndKind.Final);
        }

        var disruption = pod?.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "DisruptionTarget", Status: "True" });
        if (disruption is not null || failed?.Reason == "PodFailurePolicy" || (pod?.Status?.Reason is { } reason && ForeignReasons.Contains(reason)))
        {
            return new WorkerEnd(
                $"the pod of Kubernetes job {name} was taken away ({disruption?.Reason ?? pod?.Status?.Reason ?? failed?.Reason}): "
                + Short(pod?.Status?.Message ?? disruption?.Message ?? failed?.Message),
                WorkerEndKind.Foreign);
        }

        var ended = pod?.Status?.ContainerStatuses?.FirstOrDefault()?.State?.Terminated;
        if (ended is null)
        {
            return new WorkerEnd(
                failed is null ? $"Kubernetes job {name} ended without a result" : $"Kubernetes job {name} failed ({failed.Reason}): {Short(failed.Message)}",
                WorkerEndKind.Own);
        }

        if (ended.Reason == "OOMKilled")
        {
            return new WorkerEnd(
                $"the worker of Kubernetes job {name} took more memory than its container may; Training:MemoryLimitBytes is {memoryLimitBytes / 1024 / 1024} MiB",
                WorkerEndKind.Own);
        }

        var how = $"the worker of Kubernetes job {name} ended with code {ended.ExitCode} before its work was done";
        return new WorkerEnd(string.IsNullOrWhiteSpace(ended.Message) ? how : $"{how}: {LastWords(ended.Message)}", WorkerEndKind.Own);
    }

    /// <summary>Why a pod hasn't started yet, as far as its state tells.</summary>
    public static string DescribeWaiting(V1Pod? pod)
    {
        if (pod is null)
        {
            return "it has no pod: a quota or an admission rule may forbid it";
        }

        if (pod.Status?.ContainerStatuses?.FirstOrDefault()?.State?.Waiting is { Reason: { } reason } waiting)
        {
            return $"{reason}: {Short(waiting.Message)}";
        }

        var unscheduled = pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" });
        return unscheduled is null ? $"its pod is {pod.Status?.Phase ?? "Pending"}" : $"{unscheduled.Reason}: {Short(unscheduled.Message)}";
    }

    public static bool HasEnded(V1Job job) => Condition(job, "Complete") is not null || Condition(job, "Failed") is not null;

    private static V1JobCondition? Condition(V1Job job, string type) =>
        job.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type && condition.Status == "True");

    private static string LastWords(string log) =>
        Short(log.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Reverse().FirstOrDefault(line => !line.StartsWith("at ", StringComparison.Ordinal)));

    private static string Short(string? text) => text is null or "" ? "no reason is given" : text.Length <= MostCharacters ? text : text[..MostCharacters] + "…";
}
