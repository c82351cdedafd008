using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Aliases;

/// <summary>An alias and the version that holds it.</summary>
internal sealed class AliasHolder
{
    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required string Alias { get; init; }

    /// <summary>Guarded: an alias moves from the holder that the mover saw, or not at all.</summary>
    public required int Version { get; set; }

    public required DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class AliasHolderConfiguration : IEntityTypeConfiguration<AliasHolder>
{
    public void Configure(EntityTypeBuilder<AliasHolder> builder)
    {
        builder.ToTable("aliases");
        builder.HasKey(alias => new { alias.Workspace, alias.Model, alias.Alias });
        builder.Property(alias => alias.Workspace).HasMaxLength(100);
        builder.Property(alias => alias.Model).HasMaxLength(ModelNames.MaxLength);
        builder.Property(alias => alias.Alias).HasMaxLength(AliasBook.MaxLength);
        builder.Property(alias => alias.Version).IsConcurrencyToken();
    }
}
