using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>
/// One logged value. All of it is its key, so that a batch that is sent twice is stored once, and the history lies in the order in which
/// it is read. NaN is 0 with a mark: SQLite would make it null.
/// </summary>
internal sealed class MetricPoint
{
    public required long RunKey { get; init; }

    public required long KeyId { get; init; }

    public required long Step { get; init; }

    /// <summary>Milliseconds since 1970, as clients log them: any whole number.</summary>
    public required long TimeMs { get; init; }

    public required double Value { get; init; }

    public required bool IsNan { get; init; }
}

internal sealed class MetricPointConfiguration : IEntityTypeConfiguration<MetricPoint>
{
    public void Configure(EntityTypeBuilder<MetricPoint> builder)
    {
        builder.ToTable("metric_points");
        builder.HasKey(point => new { point.RunKey, point.KeyId, point.Step, point.TimeMs, point.Value, point.IsNan });
        builder.Property(point => point.RunKey).HasColumnName("run_key");
        builder.Property(point => point.KeyId).HasColumnName("key_id");
        builder.Property(point => point.Step).HasColumnName("step");
        builder.Property(point => point.TimeMs).HasColumnName("time_ms");
        builder.Property(point => point.Value).HasColumnName("value");
        builder.Property(point => point.IsNan).HasColumnName("is_nan");
    }
}
