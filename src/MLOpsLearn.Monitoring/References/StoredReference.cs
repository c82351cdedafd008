using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.References;

/// <summary>What a version's live rows are compared with: held-out rows, as that version scored them.</summary>
internal sealed class StoredReference
{
    public required string Endpoint { get; init; }

    public required int Version { get; init; }

    public required string RunId { get; init; }

    public required string ArtifactPath { get; init; }

    public required string Sha256 { get; init; }

    public required long Rows { get; init; }

    public required double Rmse { get; init; }

    public required double Mae { get; init; }

    /// <summary>Null when all labels are equal.</summary>
    public required double? Skill { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public bool InForce { get; set; }

    public Reference ToProto() => new()
    {
        Endpoint = Endpoint,
        Version = Version,
        RunId = RunId,
        ArtifactPath = ArtifactPath,
        Sha256 = Sha256,
        Rows = Rows,
        Rmse = Rmse,
        Mae = Mae,
        Skill = Skill ?? double.NaN,
        CreateTime = CreatedAt.ToTimestamp(),
        InForce = InForce,
    };
}

internal sealed class StoredReferenceConfiguration : IEntityTypeConfiguration<StoredReference>
{
    public void Configure(EntityTypeBuilder<StoredReference> builder)
    {
        builder.ToTable("references");
        builder.HasKey(reference => new { reference.Endpoint, reference.Version });
        builder.Property(reference => reference.Endpoint).HasMaxLength(63);
        builder.Property(reference => reference.RunId).HasMaxLength(32);
        builder.Property(reference => reference.Sha256).HasMaxLength(64);
    }
}
