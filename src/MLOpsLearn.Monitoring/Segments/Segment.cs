using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Monitoring.Segments;

/// <summary>An immutable parquet file of served rows.</summary>
internal sealed class Segment
{
    public required string SegmentId { get; init; }

    public required string Endpoint { get; init; }

    public required long FirstOrdinal { get; init; }

    public required int Rows { get; init; }

    public required long FirstEventMs { get; init; }

    public required long LastEventMs { get; init; }
}

internal sealed class SegmentConfiguration : IEntityTypeConfiguration<Segment>
{
    public void Configure(EntityTypeBuilder<Segment> builder)
    {
        builder.ToTable("segments");
        builder.HasKey(segment => segment.SegmentId);
        builder.Property(segment => segment.SegmentId).HasMaxLength(36);
        builder.Property(segment => segment.Endpoint).HasMaxLength(63);
        builder.HasIndex(segment => new { segment.Endpoint, segment.LastEventMs });
    }
}
