using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Messaging.Persistence;
using MLOpsLearn.Monitoring.Alerts;
using MLOpsLearn.Monitoring.Ingestion;
using MLOpsLearn.Monitoring.Labels;
using MLOpsLearn.Monitoring.Monitors;
using MLOpsLearn.Monitoring.References;
using MLOpsLearn.Monitoring.Segments;
using MLOpsLearn.Monitoring.Subjects;
using MLOpsLearn.Monitoring.Windows;

namespace MLOpsLearn.Monitoring.Data;

/// <summary>The module's database.</summary>
internal abstract class MonitoringDbContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<WatchedSubject> Subjects => Set<WatchedSubject>();

    public DbSet<StoredBatch> Batches => Set<StoredBatch>();

    public DbSet<StoredRequest> Requests => Set<StoredRequest>();

    public DbSet<Segment> Segments => Set<Segment>();

    public DbSet<StoredLabels> Labels => Set<StoredLabels>();

    public DbSet<StoredReference> References => Set<StoredReference>();

    public DbSet<ObservationWindow> Windows => Set<ObservationWindow>();

    public DbSet<StoredMonitor> Monitors => Set<StoredMonitor>();

    public DbSet<Incident> Incidents => Set<Incident>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(MonitoringDbContext).Assembly);
        modelBuilder.AddMessaging();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => configurationBuilder.StoreMomentsAsTicks();
}
