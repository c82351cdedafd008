using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Freezes;

/// <summary>A hold on every automatic action. It is kept after it was lifted, for the record.</summary>
internal sealed class ModelFreeze
{
    public required string Id { get; init; }

    public required string Workspace { get; init; }

    /// <summary>Empty for all models.</summary>
    public required string Model { get; init; }

    public required string Why { get; init; }

    public required DateTimeOffset Since { get; init; }

    public DateTimeOffset? LiftedAt { get; set; }

    public string? WhyLifted { get; set; }
}

internal sealed class ModelFreezeConfiguration : IEntityTypeConfiguration<ModelFreeze>
{
    public void Configure(EntityTypeBuilder<ModelFreeze> builder)
    {
        builder.ToTable("freezes");
        builder.HasKey(freeze => freeze.Id);
        builder.Property(freeze => freeze.Id).HasMaxLength(36);
        builder.Property(freeze => freeze.Workspace).HasMaxLength(100);
        builder.Property(freeze => freeze.Model).HasMaxLength(ModelNames.MaxLength);
        builder.HasIndex(freeze => new { freeze.Workspace, freeze.LiftedAt, freeze.Model });
        // At most one in force for each model, also when two are asked for at once.
        builder.HasIndex(freeze => new { freeze.Workspace, freeze.Model }).IsUnique().HasFilter("\"LiftedAt\" IS NULL");
    }
}

/// <summary>What a freeze kept from happening.</summary>
internal sealed class HeldBack
{
    public long Sequence { get; private set; }

    public required string FreezeId { get; init; }

    public required string Workspace { get; init; }

    public required string Action { get; init; }

    public required string Model { get; init; }

    public required string Description { get; init; }

    public required DateTimeOffset Time { get; init; }
}

internal sealed class HeldBackConfiguration : IEntityTypeConfiguration<HeldBack>
{
    public void Configure(EntityTypeBuilder<HeldBack> builder)
    {
        builder.ToTable("held_back_actions");
        builder.HasKey(action => action.Sequence);
        builder.Property(action => action.Sequence).ValueGeneratedOnAdd();
        builder.Property(action => action.FreezeId).HasMaxLength(36);
        builder.Property(action => action.Workspace).HasMaxLength(100);
        builder.Property(action => action.Action).HasMaxLength(50);
        builder.Property(action => action.Model).HasMaxLength(ModelNames.MaxLength);
        builder.HasIndex(action => new { action.FreezeId, action.Sequence });
    }
}
