using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Training.Data;

/// <summary>Owns the migrations for SQLite.</summary>
internal sealed class SqliteTrainingDbContext(DbContextOptions<SqliteTrainingDbContext> options) : TrainingDbContext(options);

internal sealed class SqliteTrainingDbContextFactory : IDesignTimeDbContextFactory<SqliteTrainingDbContext>
{
    public SqliteTrainingDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteTrainingDbContext>().UseSqlite("Data Source=:memory:").Options);
}
