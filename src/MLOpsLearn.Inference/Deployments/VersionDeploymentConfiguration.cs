using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Inference.Deployments;

internal sealed class VersionDeploymentConfiguration : IEntityTypeConfiguration<VersionDeployment>
{
    public void Configure(EntityTypeBuilder<VersionDeployment> entity)
    {
        entity.ToTable("deployments");
        entity.HasKey(deployment => deployment.Sequence);
        entity.Property(deployment => deployment.Sequence).ValueGeneratedOnAdd();
        entity.Property(deployment => deployment.Workspace).HasMaxLength(63);
        entity.Property(deployment => deployment.Endpoint).HasMaxLength(63);
        entity.Property(deployment => deployment.Model).HasMaxLength(200);
        // Replicas give their first answers at the same time: only one of them is the first, and told.
        entity.Property(deployment => deployment.FirstAnsweredAt).IsConcurrencyToken();
        entity.HasIndex(deployment => deployment.Id).IsUnique();
        entity.HasIndex(deployment => new { deployment.Workspace, deployment.Endpoint, deployment.Sequence });
    }
}
