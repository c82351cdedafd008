using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Tracking.LoggedModels;

/// <summary>A model that was logged to an experiment, beside the runs that made it.</summary>
internal sealed class LoggedModel
{
    /// <summary>"m-" and 32 hexadecimal digits.</summary>
    public required string ModelId { get; init; }

    public required long ExperimentId { get; init; }

    public required string Name { get; init; }

    public required long CreatedMs { get; init; }

    public required long UpdatedMs { get; init; }

    public required string ArtifactUri { get; init; }

    /// <summary>As MLflow numbers it: 1 pending, 2 ready, 3 upload failed.</summary>
    public required int Status { get; init; }

    public string? ModelType { get; init; }

    public string? SourceRunId { get; init; }

    public long? DeletedMs { get; init; }
}

/// <summary>A param or a tag of a logged model.</summary>
internal sealed class LoggedModelText
{
    public required string ModelId { get; init; }

    /// <summary>0 for a param, 1 for a tag.</summary>
    public required int Kind { get; init; }

    public required string Name { get; init; }

    public required string Value { get; init; }
}

/// <summary>The latest value that a run measured of a logged model on a dataset.</summary>
internal sealed class LoggedModelMetric
{
    public required string ModelId { get; init; }

    public required string Name { get; init; }

    /// <summary>Empty when no dataset was named.</summary>
    public required string DatasetName { get; init; }

    public required string DatasetDigest { get; init; }

    public required string RunId { get; init; }

    public required long Step { get; init; }

    public required long TimeMs { get; init; }

    public required double Value { get; init; }

    public required bool IsNan { get; init; }
}

/// <summary>That a run took a logged model in, or gave it out.</summary>
internal sealed class RunModel
{
    public long Id { get; private set; }

    public required long RunKey { get; init; }

    public required bool IsOutput { get; init; }

    public required string ModelId { get; init; }

    public required long Step { get; init; }
}

internal sealed class LoggedModelConfiguration
    : IEntityTypeConfiguration<LoggedModel>, IEntityTypeConfiguration<LoggedModelText>, IEntityTypeConfiguration<LoggedModelMetric>, IEntityTypeConfiguration<RunModel>
{
    public void Configure(EntityTypeBuilder<LoggedModel> builder)
    {
        builder.ToTable("logged_models");
        builder.HasKey(model => model.ModelId);
        builder.Property(model => model.ModelId).HasColumnName("model_id").HasMaxLength(34);
        builder.Property(model => model.ExperimentId).HasColumnName("experiment_id");
        builder.Property(model => model.Name).HasColumnName("name");
        builder.Property(model => model.CreatedMs).HasColumnName("created_ms");
        builder.Property(model => model.UpdatedMs).HasColumnName("updated_ms");
        builder.Property(model => model.ArtifactUri).HasColumnName("artifact_uri");
        builder.Property(model => model.Status).HasColumnName("status");
        builder.Property(model => model.ModelType).HasColumnName("model_type");
        builder.Property(model => model.SourceRunId).HasColumnName("source_run_id");
        builder.Property(model => model.DeletedMs).HasColumnName("deleted_ms");
        builder.HasIndex(model => new { model.ExperimentId, model.CreatedMs });
    }

    public void Configure(EntityTypeBuilder<LoggedModelText> builder)
    {
        builder.ToTable("logged_model_texts");
        builder.HasKey(text => new { text.ModelId, text.Kind, text.Name });
        builder.Property(text => text.ModelId).HasColumnName("model_id").HasMaxLength(34);
        builder.Property(text => text.Kind).HasColumnName("kind");
        builder.Property(text => text.Name).HasColumnName("name").HasMaxLength(250);
        builder.Property(text => text.Value).HasColumnName("value");
    }

    public void Configure(EntityTypeBuilder<LoggedModelMetric> builder)
    {
        builder.ToTable("logged_model_metrics");
        builder.HasKey(metric => new { metric.ModelId, metric.Name, metric.DatasetName, metric.DatasetDigest, metric.RunId });
        builder.Property(metric => metric.ModelId).HasColumnName("model_id").HasMaxLength(34);
        builder.Property(metric => metric.Name).HasColumnName("name").HasMaxLength(250);
        builder.Property(metric => metric.DatasetName).HasColumnName("dataset_name").HasMaxLength(500);
        builder.Property(metric => metric.DatasetDigest).HasColumnName("dataset_digest").HasMaxLength(36);
        builder.Property(metric => metric.RunId).HasColumnName("run_id").HasMaxLength(32);
        builder.Property(metric => metric.Step).HasColumnName("step");
        builder.Property(metric => metric.TimeMs).HasColumnName("time_ms");
        builder.Property(metric => metric.Value).HasColumnName("value");
        builder.Property(metric => metric.IsNan).HasColumnName("is_nan");
    }

    public void Configure(EntityTypeBuilder<RunModel> builder)
    {
        builder.ToTable("run_models");
        builder.Property(link => link.Id).HasColumnName("id");
        builder.Property(link => link.RunKey).HasColumnName("run_key");
        builder.Property(link => link.IsOutput).HasColumnName("is_output");
        builder.Property(link => link.ModelId).HasColumnName("model_id").HasMaxLength(34);
        builder.Property(link => link.Step).HasColumnName("step");
        builder.HasIndex(link => link.RunKey);
    }
}
