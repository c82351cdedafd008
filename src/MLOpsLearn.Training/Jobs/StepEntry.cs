using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>One step of a job as it is stored.</summary>
internal sealed record StepEntry(string Name, DateTimeOffset Start, DateTimeOffset? End, string Message)
{
    /// <summary>Steps in the order in which a job takes them.</summary>
    public static readonly string[] Order = ["prepare", "fit", "evaluate", "log", "register", "gate"];

    private const int MostMessageCharacters = 500;

    public static StepEntry From(JobStep step, DateTimeOffset now) => new(
        step.Name,
        step.StartTime?.ToDateTimeOffset() ?? now,
        step.EndTime?.ToDateTimeOffset(),
        step.Message.Length <= MostMessageCharacters ? step.Message : step.Message[..MostMessageCharacters]);

    public JobStep ToProto() => new()
    {
        Name = Name,
        StartTime = Timestamp.FromDateTimeOffset(Start),
        EndTime = End is { } end ? Timestamp.FromDateTimeOffset(end) : null,
        Message = Message,
    };
}
