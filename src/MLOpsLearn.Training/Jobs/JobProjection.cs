using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>A job as its callers see it.</summary>
internal static class JobProjection
{
    public static Job ToProto(this TrainingJob job)
    {
        var view = new Job
        {
            JobId = job.Id,
            Pipeline = job.Pipeline,
            PipelineVersion = job.PipelineVersion,
            Model = job.Model,
            Workspace = job.Workspace,
            State = job.State,
            Trigger = job.Trigger.ToProto(),
            Input = JobInput.Parser.ParseFrom(job.Input),
            CreateTime = Timestamp.FromDateTimeOffset(job.CreateTime),
            StartTime = job.StartTime.ToTimestamp(),
            EndTime = job.EndTime.ToTimestamp(),
            ProcessId = job.ProcessId,
            Attempt = job.Attempt,
            Message = job.Message,
            RunId = job.RunId,
            ModelVersion = job.ModelVersion,
            EvaluationId = job.EvaluationId,
            Outcome = job.Outcome,
            OutcomeReason = job.OutcomeReason,
            FitStartTime = job.FitStartTime.ToTimestamp(),
            FitEndTime = job.FitEndTime.ToTimestamp(),
            PeakMemoryBytes = job.PeakMemoryBytes,
        };
        view.Steps.AddRange(job.Steps.Select(step => step.ToProto()));
        return view;
    }

    private static Timestamp? ToTimestamp(this DateTimeOffset? time) => time is { } value ? Timestamp.FromDateTimeOffset(value) : null;
}
