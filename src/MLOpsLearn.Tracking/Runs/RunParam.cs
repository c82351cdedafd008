using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>A param: set once.</summary>
internal sealed class RunParam
{
    public required long RunKey { get; init; }

    public required string Name { get; init; }

    public required string Value { get; init; }
}

internal sealed class RunParamConfiguration : IEntityTypeConfiguration<RunParam>
{
    public void Configure(EntityTypeBuilder<RunParam> builder)
    {
        builder.ToTable("params");
        builder.HasKey(param => new { param.RunKey, param.Name });
        builder.Property(param => param.RunKey).HasColumnName("run_key");
        builder.Property(param => param.Name).HasColumnName("name").HasMaxLength(250);
        builder.Property(param => param.Value).HasColumnName("value");
    }
}
