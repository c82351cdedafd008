using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>A named collection of runs.</summary>
internal sealed class Experiment
{
    public long Id { get; private set; }

    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>A JSON object of strings; read and written whole.</summary>
    public required string TagsJson { get; init; }

    public Contracts.Tracking.V1.Experiment ToProto() => new()
    {
        ExperimentId = Id,
        Name = Name,
        Workspace = Workspace,
        CreateTime = CreatedAt.ToTimestamp(),
        Tags = { JsonSerializer.Deserialize<Dictionary<string, string>>(TagsJson) ?? [] },
    };
}

internal sealed class ExperimentConfiguration : IEntityTypeConfiguration<Experiment>
{
    public void Configure(EntityTypeBuilder<Experiment> builder)
    {
        builder.ToTable("experiments");
        builder.Property(experiment => experiment.Name).HasMaxLength(500);
        builder.Property(experiment => experiment.Workspace).HasMaxLength(100);
        builder.HasIndex(experiment => new { experiment.Workspace, experiment.Name }).IsUnique();
        // The experiment 0, "Default", is put in by the first migration: a seed can't have the id 0.
    }
}
