using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Traces;

/// <summary>One call that a client of MLflow traced: what is known of it beside its spans, which the client keeps as an artifact.</summary>
internal sealed class Trace
{
    /// <summary>As the client made it, for example "tr-" and 32 hexadecimal digits.</summary>
    public required string TraceId { get; init; }

    public required long ExperimentId { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long StartMs { get; init; }

    /// <summary>Null while it goes on.</summary>
    public long? DurationMs { get; init; }

    public required TraceState State { get; init; }

    public string? ClientRequestId { get; init; }

    public string? RequestPreview { get; init; }

    public string? ResponsePreview { get; init; }
}

/// <summary>As MLflow numbers them.</summary>
internal enum TraceState
{
    Unspecified = 0,
    Ok = 1,
    Error = 2,
    InProgress = 3,
}

/// <summary>A tag or a piece of metadata of a trace.</summary>
internal sealed class TraceText
{
    public required string TraceId { get; init; }

    /// <summary>0 for a tag, 1 for metadata.</summary>
    public required int Kind { get; init; }

    public required string Name { get; init; }

    public required string Value { get; init; }
}

internal sealed class TraceConfiguration : IEntityTypeConfiguration<Trace>, IEntityTypeConfiguration<TraceText>
{
    public void Configure(EntityTypeBuilder<Trace> builder)
    {
        builder.ToTable("traces");
        builder.HasKey(trace => trace.TraceId);
        builder.Property(trace => trace.TraceId).HasColumnName("trace_id").HasMaxLength(100);
        builder.Property(trace => trace.ExperimentId).HasColumnName("experiment_id");
        builder.Property(trace => trace.StartMs).HasColumnName("start_ms");
        builder.Property(trace => trace.DurationMs).HasColumnName("duration_ms");
        builder.Property(trace => trace.State).HasColumnName("state");
        builder.Property(trace => trace.ClientRequestId).HasColumnName("client_request_id");
        builder.Property(trace => trace.RequestPreview).HasColumnName("request_preview");
        builder.Property(trace => trace.ResponsePreview).HasColumnName("response_preview");
        builder.HasIndex(trace => new { trace.ExperimentId, trace.StartMs });
    }

    public void Configure(EntityTypeBuilder<TraceText> builder)
    {
        builder.ToTable("trace_texts");
        builder.HasKey(text => new { text.TraceId, text.Kind, text.Name });
        builder.Property(text => text.TraceId).HasColumnName("trace_id").HasMaxLength(100);
        builder.Property(text => text.Kind).HasColumnName("kind");
        builder.Property(text => text.Name).HasColumnName("name").HasMaxLength(250);
        builder.Property(text => text.Value).HasColumnName("value");
    }
}
