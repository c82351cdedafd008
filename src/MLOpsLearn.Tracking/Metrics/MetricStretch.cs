using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>A <see cref="Stretch"/> of a history that is complete; the last one of each history is kept beside its latest value.</summary>
internal sealed class MetricStretch
{
    public required long RunKey { get; init; }

    public required long KeyId { get; init; }

    public required long FirstStep { get; init; }

    public required long LastStep { get; init; }

    public required long Steps { get; init; }

    public required long Stride { get; init; }
}

internal sealed class MetricStretchConfiguration : IEntityTypeConfiguration<MetricStretch>
{
    public void Configure(EntityTypeBuilder<MetricStretch> builder)
    {
        builder.ToTable("metric_stretches");
        builder.HasKey(stretch => new { stretch.RunKey, stretch.KeyId, stretch.FirstStep });
        builder.Property(stretch => stretch.RunKey).HasColumnName("run_key");
        builder.Property(stretch => stretch.KeyId).HasColumnName("key_id");
        builder.Property(stretch => stretch.FirstStep).HasColumnName("first_step");
        builder.Property(stretch => stretch.LastStep).HasColumnName("last_step");
        builder.Property(stretch => stretch.Steps).HasColumnName("steps");
        builder.Property(stretch => stretch.Stride).HasColumnName("stride");
    }
}
