using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>What asked for a job.</summary>
/// <param name="Kind">"manual", "alert", "schedule" or "external".</param>
/// <param name="Id">Id of the alert or message; empty for a person.</param>
/// <param name="Reason">For people.</param>
/// <param name="Time">Event time: the end of the alert's window; now for a person.</param>
/// <param name="StoredTime">When the alert was stored.</param>
internal sealed record JobTrigger(string Kind, string Id, string Reason, DateTimeOffset Time, DateTimeOffset? StoredTime)
{
    public const string Manual = "manual";
    public const string Alert = "alert";
    public const string External = "external";

    public Trigger ToProto() => new()
    {
        Kind = Kind,
        Id = Id,
        Reason = Reason,
        Time = Timestamp.FromDateTimeOffset(Time),
        StoredTime = StoredTime is { } stored ? Timestamp.FromDateTimeOffset(stored) : null,
    };
}
