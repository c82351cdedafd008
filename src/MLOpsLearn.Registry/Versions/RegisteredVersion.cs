using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Versions;

/// <summary>A version of a model: what a run made, by digest. It never changes.</summary>
internal sealed class RegisteredVersion
{
    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string RunId { get; init; }

    public required string ArtifactPath { get; init; }

    public required string ModelFile { get; init; }

    public required string ModelSha256 { get; init; }

    public required long ModelSizeBytes { get; init; }

    /// <summary>The signature as the contract's JSON.</summary>
    public required string SignatureJson { get; init; }

    /// <summary>The origin as the contract's JSON.</summary>
    public required string OriginJson { get; init; }

    public required string TagsJson { get; init; }

    public ModelSignature Signature => ModelSignature.Parser.ParseJson(SignatureJson);

    public Origin Origin => Origin.Parser.ParseJson(OriginJson);

    public ModelVersion ToProto(IEnumerable<string> aliases) => new()
    {
        Model = Model,
        Version = Version,
        Workspace = Workspace,
        CreateTime = CreatedAt.ToTimestamp(),
        RunId = RunId,
        ArtifactPath = ArtifactPath,
        ModelFile = ModelFile,
        ModelSha256 = ModelSha256,
        ModelSizeBytes = ModelSizeBytes,
        Signature = Signature,
        Origin = Origin,
        Tags = { JsonSerializer.Deserialize<Dictionary<string, string>>(TagsJson) ?? [] },
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
        builder.Property(version => version.Model).HasMaxLength(200);
        builder.Property(version => version.RunId).HasMaxLength(32);
        builder.Property(version => version.ModelSha256).HasMaxLength(64);
        builder.HasIndex(version => version.RunId);
    }
}
