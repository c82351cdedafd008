using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Inference.Data;

/// <summary>For the migrations tool only.</summary>
internal sealed class SqliteInferenceDbContextFactory : IDesignTimeDbContextFactory<SqliteInferenceDbContext>
{
    public SqliteInferenceDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<SqliteInferenceDbContext>().UseSqlite("Data Source=:memory:").Options);
}
