using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// A metric's value of the highest step, of the latest time within it, the greatest of those. Kept beside the history, so that reading
/// a run costs the same however long that is.
/// </summary>
internal sealed class LatestMetric
{
    public required long RunKey { get; init; }

    public required long KeyId { get; init; }

    public required long Step { get; init; }

    public required long TimeMs { get; init; }

    public required double Value { get; init; }

    public required bool IsNan { get; init; }

    /// <summary>Whether the history by step is also the history by time, so that it needs no sorting either way.</summary>
    public bool IsInOrder { get; init; }

    /// <summary>Where the last <see cref="Stretch"/> of the history begins; it ends at <see cref="Step"/>.</summary>
    public long StretchFirst { get; init; }

    /// <summary>How many steps it has; 0 when the steps of this history are not counted, and then none of its stretches hold.</summary>
    public long StretchSteps { get; init; }

    public long StretchStride { get; init; }

    /// <summary>How many calls logged steps before the last: what was counted meanwhile is known by it to be out of date.</summary>
    public long LateWrites { get; init; }
}

internal sealed class LatestMetricConfiguration : IEntityTypeConfiguration<LatestMetric>
{
    public void Configure(EntityTypeBuilder<LatestMetric> builder)
    {
        builder.ToTable("latest_metrics");
        builder.HasKey(metric => new { metric.RunKey, metric.KeyId });
        builder.Property(metric => metric.RunKey).HasColumnName("run_key");
        builder.Property(metric => metric.KeyId).HasColumnName("key_id");
        builder.Property(metric => metric.Step).HasColumnName("step");
        builder.Property(metric => metric.TimeMs).HasColumnName("time_ms");
        builder.Property(metric => metric.Value).HasColumnName("value");
        builder.Property(metric => metric.IsNan).HasColumnName("is_nan");
        builder.Property(metric => metric.IsInOrder).HasColumnName("in_order").HasDefaultValue(false);
        builder.Property(metric => metric.StretchFirst).HasColumnName("stretch_first").HasDefaultValue(0L);
        builder.Property(metric => metric.StretchSteps).HasColumnName("stretch_steps").HasDefaultValue(0L);
        builder.Property(metric => metric.StretchStride).HasColumnName("stretch_stride").HasDefaultValue(0L);
        builder.Property(metric => metric.LateWrites).HasColumnName("late_writes").HasDefaultValue(0L);
        builder.HasIndex(metric => new { metric.KeyId, metric.Value });
    }
}
