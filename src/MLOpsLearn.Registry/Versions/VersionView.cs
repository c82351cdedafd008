using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Versions;

/// <summary>A version with its aliases and tags, both in order.</summary>
internal sealed record VersionView(RegisteredVersion Version, IReadOnlyList<string> Aliases, IReadOnlyList<VersionTag> Tags)
{
    public ModelVersion ToProto() => Version.ToProto(Aliases, Tags);
}
