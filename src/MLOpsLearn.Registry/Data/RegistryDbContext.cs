using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Freezes;
using MLOpsLearn.Registry.Lineage;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Promotion;
using MLOpsLearn.Registry.Versions;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Data;

/// <summary>The module's database.</summary>
internal abstract class RegistryDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<RegisteredModel> Models => Set<RegisteredModel>();

    public DbSet<ModelTag> ModelTags => Set<ModelTag>();

    public DbSet<RegisteredVersion> Versions => Set<RegisteredVersion>();

    public DbSet<VersionTag> VersionTags => Set<VersionTag>();

    public DbSet<AliasHolder> Aliases => Set<AliasHolder>();

    public DbSet<StoredPolicy> Policies => Set<StoredPolicy>();

    public DbSet<StoredEvaluation> Evaluations => Set<StoredEvaluation>();

    public DbSet<ModelFreeze> Freezes => Set<ModelFreeze>();

    public DbSet<HeldBack> HeldBack => Set<HeldBack>();

    public DbSet<JobFact> Jobs => Set<JobFact>();

    public DbSet<DeploymentFact> Deployments => Set<DeploymentFact>();

    public DbSet<Webhook> Webhooks => Set<Webhook>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(RegistryDbContext).Assembly);
        modelBuilder.AddMessaging();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.StoreMomentsAsTicks();
}
