using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>One logged value. A null value is NaN, which SQLite can't store as a number.</summary>
internal sealed class MetricPoint
{
    public long Sequence { get; private set; }

    public required long RunKey { get; init; }

    public required string Key { get; init; }

    public required long Step { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required double? Value { get; init; }
}

internal sealed class MetricPointConfiguration : IEntityTypeConfiguration<MetricPoint>
{
    public void Configure(EntityTypeBuilder<MetricPoint> builder)
    {
        builder.ToTable("metric_history");
        builder.HasKey(point => point.Sequence);
        builder.Property(point => point.Sequence).HasColumnName("sequence").ValueGeneratedOnAdd();
        builder.Property(point => point.RunKey).HasColumnName("run_key");
        builder.Property(point => point.Key).HasColumnName("key").HasMaxLength(250);
        builder.Property(point => point.Step).HasColumnName("step");
        builder.Property(point => point.Time).HasColumnName("time");
        builder.Property(point => point.Value).HasColumnName("value");
        builder.HasIndex(point => new { point.RunKey, point.Key, point.Step, point.Time, point.Sequence });
    }
}

/// <summary>The value of a metric's highest step, of the latest time within it; kept beside the history so that reading a run costs the same however long that is.</summary>
internal sealed class LatestMetric
{
    public required long RunKey { get; init; }

    public required string Key { get; init; }

    public required long Step { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required double? Value { get; init; }
}

internal sealed class LatestMetricConfiguration : IEntityTypeConfiguration<LatestMetric>
{
    public void Configure(EntityTypeBuilder<LatestMetric> builder)
    {
        builder.ToTable("latest_metrics");
        builder.HasKey(metric => new { metric.RunKey, metric.Key });
        builder.Property(metric => metric.RunKey).HasColumnName("run_key");
        builder.Property(metric => metric.Key).HasColumnName("key").HasMaxLength(250);
        builder.Property(metric => metric.Step).HasColumnName("step");
        builder.Property(metric => metric.Time).HasColumnName("time");
        builder.Property(metric => metric.Value).HasColumnName("value");
    }
}
