using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Inference.Deployments;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Messaging.Persistence;

namespace MLOpsLearn.Inference.Data;

/// <summary>Endpoints, their deployments, and the facts of the versions that they serve.</summary>
internal abstract class InferenceDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<ServingEndpoint> Endpoints => Set<ServingEndpoint>();

    public DbSet<VersionDeployment> Deployments => Set<VersionDeployment>();

    public DbSet<KnownVersion> KnownVersions => Set<KnownVersion>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfiguration(new ServingEndpointConfiguration());
        modelBuilder.ApplyConfiguration(new VersionDeploymentConfiguration());
        modelBuilder.ApplyConfiguration(new KnownVersionConfiguration());
        modelBuilder.AddMessaging();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.StoreMomentsAsTicks();
}
