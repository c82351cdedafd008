using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Versions;

/// <summary>A tag of a version.</summary>
internal sealed class VersionTag
{
    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }
}

internal sealed class VersionTagConfiguration : IEntityTypeConfiguration<VersionTag>
{
    public void Configure(EntityTypeBuilder<VersionTag> builder)
    {
        builder.ToTable("version_tags");
        builder.HasKey(tag => new { tag.Workspace, tag.Model, tag.Version, tag.Key });
        builder.Property(tag => tag.Workspace).HasMaxLength(100);
        builder.Property(tag => tag.Model).HasMaxLength(ModelNames.MaxLength);
        builder.Property(tag => tag.Key).HasMaxLength(ModelTag.MaxKeyLength);
        builder.HasIndex(tag => new { tag.Workspace, tag.Key, tag.Model });
    }
}
