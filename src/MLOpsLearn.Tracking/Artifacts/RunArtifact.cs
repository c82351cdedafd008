using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>A file of a run, or of none (see <see cref="ArtifactPlace"/>). The row is written after the file is whole, so what is listed can be read.</summary>
internal sealed class RunArtifact
{
    public required long RunKey { get; init; }

    /// <summary>Relative, parts separated by "/".</summary>
    public required string Path { get; init; }

    public required long SizeBytes { get; init; }

    public required string Sha256 { get; init; }

    public Artifact ToProto() => new() { Path = Path, SizeBytes = SizeBytes, Sha256 = Sha256 };
}

internal sealed class RunArtifactConfiguration : IEntityTypeConfiguration<RunArtifact>
{
    public void Configure(EntityTypeBuilder<RunArtifact> builder)
    {
        builder.ToTable("artifacts");
        builder.HasKey(artifact => new { artifact.RunKey, artifact.Path });
        builder.Property(artifact => artifact.Path).HasMaxLength(1000);
        builder.Property(artifact => artifact.Sha256).HasMaxLength(64);
    }
}
