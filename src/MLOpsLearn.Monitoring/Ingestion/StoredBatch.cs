using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>
/// A batch as it came, until it is gathered into a segment; afterwards only its id remains, so that a repetition is known.
/// </summary>
internal sealed class StoredBatch
{
    public required Guid BatchId { get; init; }

    public required string Endpoint { get; init; }

    /// <summary>Order of arrival within the endpoint, from 0: number of the batch's first row among all rows.</summary>
    public required long FirstOrdinal { get; init; }

    public required int Rows { get; init; }

    public required long FirstEventMs { get; init; }

    public required long LastEventMs { get; init; }

    /// <summary>The batch in the contract's binary form; null when it lies in a segment.</summary>
    public byte[]? Body { get; set; }
}

internal sealed class StoredBatchConfiguration : IEntityTypeConfiguration<StoredBatch>
{
    public void Configure(EntityTypeBuilder<StoredBatch> builder)
    {
        builder.ToTable("batches");
        builder.HasKey(batch => batch.BatchId);
        builder.Property(batch => batch.Endpoint).HasMaxLength(63);
        // Batches that wait to be gathered are found without looking at those that were.
        builder.HasIndex(batch => new { batch.Endpoint, batch.FirstOrdinal }).HasFilter("\"Body\" IS NOT NULL");
    }
}
