using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Datasets;

/// <summary>A dataset that a run used, known by the digest of its content.</summary>
internal sealed class RunDataset
{
    public required long RunKey { get; init; }

    public required string Name { get; init; }

    public required string Sha256 { get; init; }

    public required string Context { get; init; }

    public required string Source { get; init; }

    public required long Rows { get; init; }
}

internal sealed class RunDatasetConfiguration : IEntityTypeConfiguration<RunDataset>
{
    public void Configure(EntityTypeBuilder<RunDataset> builder)
    {
        builder.ToTable("datasets");
        builder.HasKey(dataset => new { dataset.RunKey, dataset.Name, dataset.Sha256, dataset.Context });
        builder.Property(dataset => dataset.Name).HasMaxLength(500);
        builder.Property(dataset => dataset.Sha256).HasMaxLength(64);
        builder.Property(dataset => dataset.Context).HasMaxLength(100);
        builder.HasIndex(dataset => dataset.Sha256);
    }
}
