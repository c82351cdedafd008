using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Lineage;

/// <summary>What the registry heard of a training job.</summary>
internal sealed class JobFact
{
    public required string JobId { get; init; }

    public required string Workspace { get; init; }

    public required string Model { get; init; }

    public required string Pipeline { get; set; }

    public required string State { get; set; }

    public required DateTimeOffset Time { get; set; }
}

internal sealed class JobFactConfiguration : IEntityTypeConfiguration<JobFact>
{
    public void Configure(EntityTypeBuilder<JobFact> builder)
    {
        builder.ToTable("job_facts");
        builder.HasKey(job => job.JobId);
        builder.Property(job => job.JobId).HasMaxLength(100);
        builder.Property(job => job.Workspace).HasMaxLength(100);
        builder.Property(job => job.Model).HasMaxLength(ModelNames.MaxLength);
    }
}

/// <summary>What the registry heard of a version coming into service.</summary>
internal sealed class DeploymentFact
{
    public required string DeploymentId { get; init; }

    public required string Workspace { get; init; }

    public required string Endpoint { get; init; }

    public required string Model { get; init; }

    public required int Version { get; init; }

    public required DateTimeOffset SwapTime { get; init; }

    public DateTimeOffset? FirstResponseTime { get; set; }
}

internal sealed class DeploymentFactConfiguration : IEntityTypeConfiguration<DeploymentFact>
{
    public void Configure(EntityTypeBuilder<DeploymentFact> builder)
    {
        builder.ToTable("deployment_facts");
        builder.HasKey(deployment => deployment.DeploymentId);
        builder.Property(deployment => deployment.DeploymentId).HasMaxLength(100);
        builder.Property(deployment => deployment.Workspace).HasMaxLength(100);
        builder.Property(deployment => deployment.Endpoint).HasMaxLength(100);
        builder.Property(deployment => deployment.Model).HasMaxLength(ModelNames.MaxLength);
        builder.HasIndex(deployment => new { deployment.Workspace, deployment.Model, deployment.Version });
    }
}
