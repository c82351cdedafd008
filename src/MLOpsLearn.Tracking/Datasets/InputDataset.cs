using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.Datasets;

/// <summary>A dataset as MLflow's clients describe it: one for each name and digest of an experiment.</summary>
internal sealed class InputDataset
{
    public long Id { get; private set; }

    public required long ExperimentId { get; init; }

    public required string Name { get; init; }

    public required string Digest { get; init; }

    public required string SourceType { get; init; }

    public required string Source { get; init; }

    public required string Schema { get; init; }

    public required string Profile { get; init; }
}

/// <summary>That a run used such a dataset, and what for.</summary>
internal sealed class DatasetInput
{
    public required long RunKey { get; init; }

    public required long DatasetId { get; init; }

    /// <summary>The tag "mlflow.data.context", by which it is searched; null when there is none.</summary>
    public string? Context { get; init; }

    /// <summary>A JSON object of strings, read and written whole.</summary>
    public required string TagsJson { get; init; }
}

internal sealed class InputDatasetConfiguration : IEntityTypeConfiguration<InputDataset>, IEntityTypeConfiguration<DatasetInput>
{
    public void Configure(EntityTypeBuilder<InputDataset> builder)
    {
        builder.ToTable("input_datasets");
        builder.Property(dataset => dataset.Id).HasColumnName("id");
        builder.Property(dataset => dataset.ExperimentId).HasColumnName("experiment_id");
        builder.Property(dataset => dataset.Name).HasColumnName("name").HasMaxLength(500);
        builder.Property(dataset => dataset.Digest).HasColumnName("digest").HasMaxLength(36);
        builder.Property(dataset => dataset.SourceType).HasColumnName("source_type");
        builder.Property(dataset => dataset.Source).HasColumnName("source");
        builder.Property(dataset => dataset.Schema).HasColumnName("schema");
        builder.Property(dataset => dataset.Profile).HasColumnName("profile");
        builder.HasIndex(dataset => new { dataset.ExperimentId, dataset.Name, dataset.Digest }).IsUnique();
    }

    public void Configure(EntityTypeBuilder<DatasetInput> builder)
    {
        builder.ToTable("dataset_inputs");
        builder.HasKey(input => new { input.RunKey, input.DatasetId });
        builder.Property(input => input.RunKey).HasColumnName("run_key");
        builder.Property(input => input.DatasetId).HasColumnName("dataset_id");
        builder.Property(input => input.Context).HasColumnName("context").HasMaxLength(500);
        builder.Property(input => input.TagsJson).HasColumnName("tags_json");
        builder.HasIndex(input => input.DatasetId);
    }
}
