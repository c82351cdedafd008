using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Inference.V1;

namespace MLOpsLearn.Inference.Deployments;

/// <summary>One version's coming into service at an endpoint. Kept when the endpoint is deleted: lineage refers to it.</summary>
internal sealed class VersionDeployment
{
    /// <summary>Order of coming into service.</summary>
    public long Sequence { get; private set; }

    public required Guid Id { get; init; }

    public required string Workspace { get; init; }

    public required string Endpoint { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required int PreviousVersion { get; init; }

    public required DateTimeOffset SwappedAt { get; init; }

    public required double LoadMilliseconds { get; init; }

    public DateTimeOffset? FirstAnsweredAt { get; private set; }

    public void Answered(DateTimeOffset time) => FirstAnsweredAt ??= time;

    public DeploymentChanged ToEvent() =>
        new(Workspace, Endpoint, Model, Version, PreviousVersion, Id.ToString(), SwappedAt, FirstAnsweredAt);

    public Deployment ToProto() => new()
    {
        DeploymentId = Id.ToString(),
        Endpoint = Endpoint,
        Model = Model,
        Version = Version,
        PreviousVersion = PreviousVersion,
        SwapTime = Timestamp.FromDateTimeOffset(SwappedAt),
        FirstResponseTime = FirstAnsweredAt is { } time ? Timestamp.FromDateTimeOffset(time) : null,
        LoadMilliseconds = LoadMilliseconds,
    };
}
