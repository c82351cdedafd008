using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Monitoring.Data;

/// <summary>Owns the migrations of its provider.</summary>
internal sealed class PostgresMonitoringDbContext(DbContextOptions<PostgresMonitoringDbContext> options) : MonitoringDbContext(options)
{
    /// <summary>For the migrations tool.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresMonitoringDbContext>
    {
        public PostgresMonitoringDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresMonitoringDbContext>().UseNpgsql("Host=design").Options);
    }
}
