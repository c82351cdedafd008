using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Data;

/// <summary>The module's database.</summary>
internal abstract class TrackingDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<Experiment> Experiments => Set<Experiment>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<RunParam> Params => Set<RunParam>();

    public DbSet<RunTag> Tags => Set<RunTag>();

    public DbSet<MetricKey> MetricKeys => Set<MetricKey>();

    public DbSet<MetricPoint> MetricPoints => Set<MetricPoint>();

    public DbSet<LatestMetric> LatestMetrics => Set<LatestMetric>();

    public DbSet<MetricStretch> MetricStretches => Set<MetricStretch>();

    public DbSet<RunDataset> Datasets => Set<RunDataset>();

    public DbSet<RunArtifact> Artifacts => Set<RunArtifact>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(TrackingDbContext).Assembly);
        modelBuilder.AddMessaging();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.StoreMomentsAsTicks();
}
