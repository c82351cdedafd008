using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Monitoring.Ingestion;

/// <summary>Where the rows of a request lie: requests are indexed, not rows.</summary>
internal sealed class StoredRequest
{
    public required string Endpoint { get; init; }

    public required string PredictionId { get; init; }

    /// <summary>Number of the first of these rows within the request: a large request may come in several batches.</summary>
    public required int FirstRow { get; init; }

    public required int Rows { get; init; }

    /// <summary>Number of the first row among all rows of the endpoint.</summary>
    public required long FirstOrdinal { get; init; }

    public required long FirstEventMs { get; init; }

    public required long LastEventMs { get; init; }

    /// <summary>Hash of the rows' content: tells a repetition from a conflict.</summary>
    public required long ContentHash { get; init; }
}

internal sealed class StoredRequestConfiguration : IEntityTypeConfiguration<StoredRequest>
{
    public void Configure(EntityTypeBuilder<StoredRequest> builder)
    {
        builder.ToTable("requests");
        builder.HasKey(request => new { request.Endpoint, request.PredictionId, request.FirstRow });
        builder.Property(request => request.Endpoint).HasMaxLength(63);
        builder.Property(request => request.PredictionId).HasMaxLength(200);
        builder.HasIndex(request => new { request.Endpoint, request.FirstEventMs });
        builder.HasIndex(request => new { request.Endpoint, request.FirstOrdinal });
    }
}
