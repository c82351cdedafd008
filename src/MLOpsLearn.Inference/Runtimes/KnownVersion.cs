using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Inference.Runtimes;

/// <summary>What the registry said of a version: enough to load it again while the registry does not answer.</summary>
internal sealed class KnownVersion
{
    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string RunId { get; init; }

    public required string ArtifactPath { get; init; }

    public required string ModelFile { get; init; }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>W3C trace parent of what asked for the version; not remembered.</summary>
    public string? TraceParent { get; init; }

    public static KnownVersion From(ModelVersion version) => new()
    {
        Workspace = version.Workspace,
        Model = version.Model,
        Version = version.Version,
        RunId = version.RunId,
        ArtifactPath = version.ArtifactPath,
        ModelFile = version.ModelFile,
        Sha256 = version.ModelSha256.ToLowerInvariant(),
        TraceParent = version.Origin is { TraceParent.Length: > 0 } origin ? origin.TraceParent : null,
    };
}
