using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Tracking.Data;

/// <summary>Owns the migrations of its provider.</summary>
internal sealed class SqliteTrackingDbContext(DbContextOptions<SqliteTrackingDbContext> options) : TrackingDbContext(options)
{
    /// <summary>For the migrations tool.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<SqliteTrackingDbContext>
    {
        public SqliteTrackingDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<SqliteTrackingDbContext>().UseSqlite("Data Source=design.db").Options);
    }
}
