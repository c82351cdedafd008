using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Registry.Models;

/// <summary>A model: a name under which versions are counted.</summary>
internal sealed class RegisteredModel
{
    public required string Workspace { get; init; }

    public required string Name { get; init; }

    /// <summary>Empty when there is none.</summary>
    public required string Description { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the model's text changed, or a version came, went or moved.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The greatest number that a version ever had; 0 before the first. Numbers of deleted versions are not given again.</summary>
    public int LatestVersion { get; init; }
}

internal sealed class RegisteredModelConfiguration : IEntityTypeConfiguration<RegisteredModel>
{
    public void Configure(EntityTypeBuilder<RegisteredModel> builder)
    {
        builder.ToTable("models");
        builder.HasKey(model => new { model.Workspace, model.Name });
        builder.Property(model => model.Workspace).HasMaxLength(100);
        builder.Property(model => model.Name).HasMaxLength(ModelNames.MaxLength);
        builder.HasIndex(model => new { model.Workspace, model.UpdatedAt });
    }
}
