using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>A tag: the last value counts.</summary>
internal sealed class RunTag
{
    public required long RunKey { get; init; }

    public required string Name { get; init; }

    public required string Value { get; set; }
}

internal sealed class RunTagConfiguration : IEntityTypeConfiguration<RunTag>
{
    public void Configure(EntityTypeBuilder<RunTag> builder)
    {
        builder.ToTable("tags");
        builder.HasKey(tag => new { tag.RunKey, tag.Name });
        builder.Property(tag => tag.RunKey).HasColumnName("run_key");
        builder.Property(tag => tag.Name).HasColumnName("name").HasMaxLength(250);
        builder.Property(tag => tag.Value).HasColumnName("value");
    }
}
