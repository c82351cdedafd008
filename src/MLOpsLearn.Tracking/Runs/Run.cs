using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>One execution of something worth remembering.</summary>
internal sealed class Run
{
    /// <summary>Order of creation; what everything that belongs to a run refers to, being shorter than its id.</summary>
    public long Key { get; private set; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string RunId { get; init; }

    public required long ExperimentId { get; init; }

    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public RunStatus Status { get; private set; } = RunStatus.Running;

    /// <summary>Milliseconds since 1970.</summary>
    public required long StartMs { get; init; }

    public long? EndMs { get; private set; }

    public string UserId { get; init; } = "";

    /// <summary>Where clients put the run's artifacts, for example "mlflow-artifacts:/0/…/artifacts".</summary>
    public required string ArtifactUri { get; init; }

    /// <summary>When it was deleted; null for an active run.</summary>
    public long? DeletedMs { get; private set; }
}

internal sealed class RunConfiguration : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.ToTable("runs");
        builder.HasKey(run => run.Key);
        builder.Property(run => run.Key).HasColumnName("run_key").ValueGeneratedOnAdd();
        builder.Property(run => run.RunId).HasColumnName("run_id").HasMaxLength(32).IsRequired();
        builder.Property(run => run.ExperimentId).HasColumnName("experiment_id");
        builder.Property(run => run.Name).HasColumnName("name");
        builder.Property(run => run.Workspace).HasColumnName("workspace").HasMaxLength(100);
        builder.Property(run => run.Status).HasColumnName("status");
        builder.Property(run => run.StartMs).HasColumnName("start_ms");
        builder.Property(run => run.EndMs).HasColumnName("end_ms");
        builder.Property(run => run.UserId).HasColumnName("user_id").HasDefaultValue("");
        builder.Property(run => run.ArtifactUri).HasColumnName("artifact_uri");
        builder.Property(run => run.DeletedMs).HasColumnName("deleted_ms");
        builder.HasIndex(run => run.RunId).IsUnique();
        builder.HasIndex(run => new { run.ExperimentId, run.Key });
        // The order in which MLflow's clients page through an experiment.
        builder.HasIndex(run => new { run.ExperimentId, run.StartMs, run.RunId }).IsDescending(false, true, false);
        // The orders by an attribute, each with the ties between equal values. Those by user and name are of the beginnings of texts, and so in the migrations.
        builder.HasIndex(run => new { run.ExperimentId, run.Status, run.StartMs, run.RunId }).IsDescending(false, false, true, false);
        builder.HasIndex(run => new { run.ExperimentId, run.EndMs, run.StartMs, run.RunId }).IsDescending(false, false, true, false);
        // The default order over all experiments.
        builder.HasIndex(run => new { run.StartMs, run.RunId }).IsDescending(true, false);
    }
}
