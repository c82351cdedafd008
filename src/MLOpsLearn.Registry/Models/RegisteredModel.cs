using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Registry.Models;

/// <summary>A model: a name under which versions are counted.</summary>
internal sealed class RegisteredModel
{
    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>A JSON object of strings.</summary>
    public required string TagsJson { get; init; }

    /// <summary>Number of the newest version; 0 while there is none. Guards the count: two writers can't take the same number.</summary>
    public int LatestVersion { get; private set; }

    public int TakeNextVersion() => ++LatestVersion;
}

internal sealed class RegisteredModelConfiguration : IEntityTypeConfiguration<RegisteredModel>
{
    public void Configure(EntityTypeBuilder<RegisteredModel> builder)
    {
        builder.ToTable("models");
        builder.HasKey(model => new { model.Workspace, model.Name });
        builder.Property(model => model.Workspace).HasMaxLength(100);
        builder.Property(model => model.Name).HasMaxLength(200);
        builder.Property(model => model.LatestVersion).IsConcurrencyToken();
    }
}
