using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>A metric's name, kept once: the history refers to it by number, which is a third of the size.</summary>
internal sealed class MetricKey
{
    public long Id { get; private set; }

    public required string Name { get; init; }
}

internal sealed class MetricKeyConfiguration : IEntityTypeConfiguration<MetricKey>
{
    public void Configure(EntityTypeBuilder<MetricKey> builder)
    {
        builder.ToTable("metric_keys");
        builder.Property(key => key.Id).HasColumnName("id");
        builder.Property(key => key.Name).HasColumnName("name").HasMaxLength(250);
        builder.HasIndex(key => key.Name).IsUnique();
    }
}
