using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Tracking.Data;

/// <summary>Owns the migrations of its provider.</summary>
internal sealed class PostgresTrackingDbContext(DbContextOptions<PostgresTrackingDbContext> options) : TrackingDbContext(options)
{
    /// <summary>For the migrations tool.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresTrackingDbContext>
    {
        public PostgresTrackingDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresTrackingDbContext>().UseNpgsql("Host=design").Options);
    }
}
