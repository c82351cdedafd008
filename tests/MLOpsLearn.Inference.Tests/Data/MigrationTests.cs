using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Inference.Data;

namespace MLOpsLearn.Inference.Tests.Data;

/// <summary>Holds the migrations to the model, for both databases.</summary>
public sealed class MigrationTests
{
    [Fact]
    public void No_change_of_the_model_lacks_its_migration()
    {
        using var sqlite = new SqliteInferenceDbContextFactory().CreateDbContext([]);
        using var postgres = new PostgresInferenceDbContextFactory().CreateDbContext([]);

        Assert.False(sqlite.Database.HasPendingModelChanges());
        Assert.False(postgres.Database.HasPendingModelChanges());
    }
}
