using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Training.Data;

/// <summary>Owns the migrations for PostgreSQL.</summary>
internal sealed class PostgresTrainingDbContext(DbContextOptions<PostgresTrainingDbContext> options) : TrainingDbContext(options);

internal sealed class PostgresTrainingDbContextFactory : IDesignTimeDbContextFactory<PostgresTrainingDbContext>
{
    public PostgresTrainingDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresTrainingDbContext>().UseNpgsql("Host=localhost").Options);
}
