using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace MLOpsLearn.Inference.Endpoints;

internal sealed class ServingEndpointConfiguration : IEntityTypeConfiguration<ServingEndpoint>
{
    public void Configure(EntityTypeBuilder<ServingEndpoint> entity)
    {
        entity.ToTable("endpoints");
        entity.HasKey(endpoint => new { endpoint.Workspace, endpoint.Name });
        entity.Property(endpoint => endpoint.Workspace).HasMaxLength(63);
        entity.Property(endpoint => endpoint.Name).HasMaxLength(63);
        entity.Property(endpoint => endpoint.Model).HasMaxLength(200);
        entity.Property(endpoint => endpoint.Alias).HasMaxLength(200);
        // Two processes that follow one alias: only the first makes the deployment.
        entity.Property(endpoint => endpoint.DeploymentId).IsConcurrencyToken();
    }
}
