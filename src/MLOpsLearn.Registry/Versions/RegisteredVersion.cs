using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Versions;

/// <summary>
/// A version of a model. What it is made of never changes; what people say of it (description, stage) may. A version that came through
/// another protocol has a source only: no file of ours to serve, no signature, no origin.
/// </summary>
internal sealed class RegisteredVersion
{
    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Where the model came from, as its maker wrote it.</summary>
    public required string Source { get; init; }

    /// <summary>Where its files are, when that is not <see cref="Source"/>.</summary>
    public string? StorageLocation { get; init; }

    /// <summary>Empty when it came from no run.</summary>
    public required string RunId { get; init; }

    public string RunLink { get; init; } = "";

    /// <summary>The logged model that it is; empty when it is none.</summary>
    public string ModelId { get; init; } = "";

    /// <summary>Null when none was ever given.</summary>
    public string? Description { get; set; }

    public string Stage { get; set; } = VersionStages.None;

    public string ArtifactPath { get; init; } = "";

    /// <summary>The file that serving loads; empty when there is none of ours.</summary>
    public string ModelFile { get; init; } = "";

    public string ModelSha256 { get; init; } = "";

    public long ModelSizeBytes { get; init; }

    /// <summary>The signature as the contract's JSON.</summary>
    public string SignatureJson { get; init; } = "{}";

    /// <summary>The origin as the contract's JSON.</summary>
    public string OriginJson { get; init; } = "{}";

    public ModelSignature Signature => ModelSignature.Parser.ParseJson(SignatureJson);

    public Origin Origin => Origin.Parser.ParseJson(OriginJson);

    /// <summary>Where a client reads the files.</summary>
    public string DownloadLocation => string.IsNullOrEmpty(StorageLocation) ? Source : StorageLocation;

    public ModelVersion ToProto(IEnumerable<string> aliases, IEnumerable<VersionTag> tags) => new()
    {
        Model = Model,
        Version = Version,
        Workspace = Workspace,
        CreateTime = CreatedAt.ToTimestamp(),
        UpdateTime = UpdatedAt.ToTimestamp(),
        RunId = RunId,
        ArtifactPath = ArtifactPath,
        ModelFile = ModelFile,
        ModelSha256 = ModelSha256,
        ModelSizeBytes = ModelSizeBytes,
        Signature = Signature,
        Origin = Origin,
        Source = Source,
        RunLink = RunLink,
        Description = Description ?? "",
        Stage = Stage,
        ModelId = ModelId,
        DownloadUri = DownloadLocation,
        Tags = { tags.ToDictionary(tag => tag.Key, tag => tag.Value) },
        Aliases = { aliases },
    };
}

internal sealed class RegisteredVersionConfiguration : IEntityTypeConfiguration<RegisteredVersion>
{
    public void Configure(EntityTypeBuilder<RegisteredVersion> builder)
    {
        builder.ToTable("model_versions");
        builder.HasKey(version => new { version.Workspace, version.Model, version.Version });
        builder.Property(version => version.Workspace).HasMaxLength(100);
        builder.Property(version => version.Model).HasMaxLength(ModelNames.MaxLength);
        builder.Property(version => version.RunId).HasMaxLength(VersionChecks.MaxRunIdLength);
        builder.Property(version => version.ModelSha256).HasMaxLength(64);
        builder.Property(version => version.Stage).HasMaxLength(20);
        builder.HasIndex(version => version.RunId);
        builder.HasIndex(version => new { version.Workspace, version.UpdatedAt });
        builder.HasIndex(version => new { version.Workspace, version.Model, version.Stage, version.Version });
    }
}
