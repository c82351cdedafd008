using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Registry.Models;

/// <summary>A tag of a model.</summary>
internal sealed class ModelTag
{
    public const int MaxKeyLength = 250;

    public const int MaxValueLength = 100_000;

    /// <summary>Says of a model or version that it is a prompt.</summary>
    public const string IsPrompt = "mlflow.prompt.is_prompt";

    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required string Key { get; init; }

    public required string Value { get; set; }
}

internal sealed class ModelTagConfiguration : IEntityTypeConfiguration<ModelTag>
{
    public void Configure(EntityTypeBuilder<ModelTag> builder)
    {
        builder.ToTable("model_tags");
        builder.HasKey(tag => new { tag.Workspace, tag.Model, tag.Key });
        builder.Property(tag => tag.Workspace).HasMaxLength(100);
        builder.Property(tag => tag.Model).HasMaxLength(ModelNames.MaxLength);
        builder.Property(tag => tag.Key).HasMaxLength(ModelTag.MaxKeyLength);
        builder.HasIndex(tag => new { tag.Workspace, tag.Key, tag.Model });
    }
}
