using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training.Data;

/// <summary>Everything that Training stores.</summary>
internal abstract class TrainingDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<PipelineVersion> PipelineVersions => Set<PipelineVersion>();

    public DbSet<TrainingJob> Jobs => Set<TrainingJob>();

    public DbSet<RetrainDecision> Decisions => Set<RetrainDecision>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.AddMessaging();
        modelBuilder.ApplyConfiguration(new PipelineVersionConfiguration());
        modelBuilder.ApplyConfiguration(new TrainingJobConfiguration());
        modelBuilder.ApplyConfiguration(new RetrainDecisionConfiguration());
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.StoreMomentsAsTicks();
}
