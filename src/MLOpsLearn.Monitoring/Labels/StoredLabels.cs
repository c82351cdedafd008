using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Monitoring.Labels;

/// <summary>Labels of one request that came together: one row for all of them.</summary>
internal sealed class StoredLabels
{
    public long Sequence { get; private set; }

    public required string Endpoint { get; init; }

    public required string PredictionId { get; init; }

    public required DateTimeOffset ObservedAt { get; init; }

    /// <summary>Of two labels of a row the higher version counts, then the later observation, then the later arrival.</summary>
    public required int Version { get; init; }

    public required int Count { get; init; }

    /// <summary>Row numbers as 32-bit integers; null for 0, 1, 2 and so on.</summary>
    public required byte[]? RowNumbers { get; init; }

    /// <summary>Values as 64-bit floating-point numbers.</summary>
    public required byte[] Values { get; init; }

    public bool SaysTheSameAs(StoredLabels other) => Version == other.Version && ObservedAt == other.ObservedAt
        && Values.AsSpan().SequenceEqual(other.Values) && RowNumbers.AsSpan().SequenceEqual(other.RowNumbers);

    public ReadOnlySpan<double> ValueSpan => MemoryMarshal.Cast<byte, double>(Values);

    public int RowAt(int index) => RowNumbers is null ? index : MemoryMarshal.Cast<byte, int>(RowNumbers)[index];
}

internal sealed class StoredLabelsConfiguration : IEntityTypeConfiguration<StoredLabels>
{
    public void Configure(EntityTypeBuilder<StoredLabels> builder)
    {
        builder.ToTable("labels");
        builder.HasKey(labels => labels.Sequence);
        builder.Property(labels => labels.Sequence).ValueGeneratedOnAdd();
        builder.Property(labels => labels.Endpoint).HasMaxLength(63);
        builder.Property(labels => labels.PredictionId).HasMaxLength(200);
        builder.HasIndex(labels => new { labels.Endpoint, labels.PredictionId });
    }
}
