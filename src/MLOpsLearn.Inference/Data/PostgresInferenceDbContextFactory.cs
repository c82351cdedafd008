using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace MLOpsLearn.Inference.Data;

/// <summary>For the migrations tool only.</summary>
internal sealed class PostgresInferenceDbContextFactory : IDesignTimeDbContextFactory<PostgresInferenceDbContext>
{
    public PostgresInferenceDbContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresInferenceDbContext>().UseNpgsql("Host=localhost").Options);
}
