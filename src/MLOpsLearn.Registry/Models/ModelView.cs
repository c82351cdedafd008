using Google.Protobuf.WellKnownTypes;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Models;

/// <summary>A model with all that is shown of it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Aliases">In order of their names.</param>
/// <param name="Tags">In order of their keys.</param>
/// <param name="LatestVersions">The newest version of each stage that has any.</param>
internal sealed record ModelView(
    RegisteredModel Model, IReadOnlyList<AliasHolder> Aliases, IReadOnlyList<ModelTag> Tags, IReadOnlyList<VersionView> LatestVersions)
{
    public Model ToProto() => new()
    {
        Name = Model.Name,
        Description = Model.Description,
        Workspace = Model.Workspace,
        CreateTime = Model.CreatedAt.ToTimestamp(),
        UpdateTime = Model.UpdatedAt.ToTimestamp(),
        LatestVersion = Model.LatestVersion,
        Tags = { Tags.ToDictionary(tag => tag.Key, tag => tag.Value) },
        Aliases = { Aliases.Select(alias => new ModelAlias { Alias = alias.Alias, Version = alias.Version, UpdateTime = alias.UpdatedAt.ToTimestamp() }) },
    };
}
