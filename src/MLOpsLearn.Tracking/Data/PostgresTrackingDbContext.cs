using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Runs;

namespace MLOpsLearn.Tracking.Data;

/// <summary>Owns the migrations of its provider.</summary>
internal sealed class PostgresTrackingDbContext(DbContextOptions<PostgresTrackingDbContext> options) : TrackingDbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // Folders are ranges of paths, which holds in the order of the characters' codes only; SQLite has no other order.
        modelBuilder.Entity<RunArtifact>().Property(artifact => artifact.Path).UseCollation("C");
        // Ties between runs are broken in the same order.
        modelBuilder.Entity<Run>().Property(run => run.RunId).UseCollation("C");
    }

    /// <summary>For the migrations tool.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresTrackingDbContext>
    {
        public PostgresTrackingDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresTrackingDbContext>().UseNpgsql("Host=design").Options);
    }
}
