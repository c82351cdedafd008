using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Monitoring.V1;

namespace MLOpsLearn.Monitoring.Windows;

/// <summary>A window that has rows, and what was found in it.</summary>
internal sealed class ObservationWindow
{
    public required string Endpoint { get; init; }

    /// <summary>Order of the windows: the start in milliseconds since 1970, or the number of a window by count.</summary>
    public required long Key { get; init; }

    public required long StartMs { get; set; }

    /// <summary>Exclusive; for a window by count, one behind the newest event so far.</summary>
    public required long EndMs { get; set; }

    public long Rows { get; set; }

    /// <summary>Rows when it was evaluated last; fewer than <see cref="Rows"/> means that late ones came, -1 that an evaluation began and did not end.</summary>
    public long EvaluatedRows { get; set; }

    public bool DriftEvaluated { get; set; }

    public bool QualityEvaluated { get; set; }

    /// <summary>Labels changed after an evaluation began to read them.</summary>
    public bool LabelsChanged { get; set; }

    public int Revision { get; set; }

    /// <summary>The newest result in the contract's binary form; null before the first evaluation.</summary>
    public byte[]? Result { get; set; }

    public WindowResult? ToProto() => Result is null ? null : WindowResult.Parser.ParseFrom(Result);
}

internal sealed class ObservationWindowConfiguration : IEntityTypeConfiguration<ObservationWindow>
{
    public void Configure(EntityTypeBuilder<ObservationWindow> builder)
    {
        builder.ToTable("windows");
        builder.HasKey(window => new { window.Endpoint, window.Key });
        builder.Property(window => window.Endpoint).HasMaxLength(63);
    }
}
