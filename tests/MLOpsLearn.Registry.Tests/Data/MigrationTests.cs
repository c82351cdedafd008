using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Tests.Data;

/// <summary>The migrations hold what the model says, for both databases.</summary>
public sealed class MigrationTests
{
    [Fact]
    public void No_change_waits_for_a_migration()
    {
        using var sqlite = new SqliteRegistryDbContext.DesignTimeFactory().CreateDbContext([]);
        using var postgres = new PostgresRegistryDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.False(sqlite.Database.HasPendingModelChanges());
        Assert.False(postgres.Database.HasPendingModelChanges());
    }
}
