using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>A named collection of runs.</summary>
internal sealed class Experiment
{
    public long Id { get; private set; }

    public required string Workspace { get; init; }

    /// <summary>Stays taken while the experiment is deleted but not gone.</summary>
    public required string Name { get; init; }

    /// <summary>Milliseconds since 1970.</summary>
    public required long CreatedMs { get; init; }

    public required long UpdatedMs { get; init; }

    /// <summary>Where clients put the artifacts of new runs; null for this server's own store.</summary>
    public string? ArtifactLocation { get; init; }

    public bool IsDeleted { get; init; }

    public List<ExperimentTag> Tags { get; } = [];
}

/// <summary>A tag of an experiment.</summary>
internal sealed class ExperimentTag
{
    public long ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Value { get; init; }
}

internal sealed class ExperimentConfiguration : IEntityTypeConfiguration<Experiment>, IEntityTypeConfiguration<ExperimentTag>
{
    public void Configure(EntityTypeBuilder<Experiment> builder)
    {
        builder.ToTable("experiments");
        builder.Property(experiment => experiment.Id).HasColumnName("id");
        builder.Property(experiment => experiment.Name).HasColumnName("name").HasMaxLength(500);
        builder.Property(experiment => experiment.Workspace).HasColumnName("workspace").HasMaxLength(100);
        builder.Property(experiment => experiment.CreatedMs).HasColumnName("created_ms");
        builder.Property(experiment => experiment.UpdatedMs).HasColumnName("updated_ms");
        builder.Property(experiment => experiment.ArtifactLocation).HasColumnName("artifact_location").HasMaxLength(2048);
        builder.Property(experiment => experiment.IsDeleted).HasColumnName("is_deleted");
        builder.HasIndex(experiment => new { experiment.Workspace, experiment.Name }).IsUnique();
        builder.HasMany(experiment => experiment.Tags).WithOne().HasForeignKey(tag => tag.ExperimentId);
        // The experiment 0, "Default", is put in by the first migration: a seed can't have the id 0.
    }

    public void Configure(EntityTypeBuilder<ExperimentTag> builder)
    {
        builder.ToTable("experiment_tags");
        builder.HasKey(tag => new { tag.ExperimentId, tag.Name });
        builder.Property(tag => tag.ExperimentId).HasColumnName("experiment_id");
        builder.Property(tag => tag.Name).HasColumnName("name").HasMaxLength(250);
        builder.Property(tag => tag.Value).HasColumnName("value");
    }
}
