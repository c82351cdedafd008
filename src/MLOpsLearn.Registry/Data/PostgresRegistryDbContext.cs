using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Registry.Data;

/// <summary>Owns the migrations of its provider.</summary>
internal sealed class PostgresRegistryDbContext(DbContextOptions<PostgresRegistryDbContext> options) : RegistryDbContext(options)
{
    /// <summary>For the migrations tool.</summary>
    internal sealed class DesignTimeFactory : IDesignTimeDbContextFactory<PostgresRegistryDbContext>
    {
        public PostgresRegistryDbContext CreateDbContext(string[] args) =>
            new(new DbContextOptionsBuilder<PostgresRegistryDbContext>().UseNpgsql("Host=design").Options);
    }
}
