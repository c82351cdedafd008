using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Monitoring.Data;

/// <summary>Owns the migrations of its provider.</summary>
internal sealed class SqliteMonitoringDbContext(DbContextOptions<SqliteMonitoringDbContext> options) : MonitoringDbContext(options)
{
    /// <summary>For the migrations tool.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteMonitoringDbContext>
    {
        public SqliteMonitoringDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteMonitoringDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
