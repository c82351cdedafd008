using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Pipelines;

/// <summary>One version of a pipeline's specification; never changed once stored, save for the mark that its gate is known to the registry.</summary>
internal sealed class PipelineVersion
{
    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required string Yaml { get; init; }

    public required string Model { get; init; }

    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>Whether no later version exists. Kept so that lists and triggers read one row for each pipeline.</summary>
    public bool IsNewest { get; private set; } = true;

    /// <summary>Whether an alert on the model starts this pipeline.</summary>
    public required bool RetrainsOnAlert { get; init; }

    /// <summary>Whether the registry has the promotion policy that this version declares.</summary>
    public bool GateHandedOver { get; private set; }

    public void Supersede() => IsNewest = false;

    public void MarkGateHandedOver() => GateHandedOver = true;

    public Pipeline ToProto() => new()
    {
        Name = Name,
        Version = Version,
        Yaml = Yaml,
        Model = Model,
        Workspace = Workspace,
        CreateTime = Timestamp.FromDateTimeOffset(CreateTime),
    };
}
