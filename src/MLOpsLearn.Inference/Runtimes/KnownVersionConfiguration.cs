using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Inference.Runtimes;

internal sealed class KnownVersionConfiguration : IEntityTypeConfiguration<KnownVersion>
{
    public void Configure(EntityTypeBuilder<KnownVersion> entity)
    {
        entity.ToTable("known_versions");
        entity.HasKey(version => new { version.Workspace, version.Model, version.Version });
        entity.Ignore(version => version.TraceParent);
        entity.Property(version => version.Workspace).HasMaxLength(63);
        entity.Property(version => version.Model).HasMaxLength(200);
        entity.Property(version => version.RunId).HasMaxLength(64);
        entity.Property(version => version.ArtifactPath).HasMaxLength(1000);
        entity.Property(version => version.ModelFile).HasMaxLength(1000);
        entity.Property(version => version.Sha256).HasMaxLength(64);
    }
}
