using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Tests.Data;

/// <summary>The migrations of both databases say what the model says.</summary>
public sealed class MigrationTests
{
    [Fact]
    public void Both_databases_have_every_change_of_the_model()
    {
        using var sqlite = new SqliteTrainingDbContextFactory().CreateDbContext([]);
        using var postgres = new PostgresTrainingDbContextFactory().CreateDbContext([]);

        Assert.False(sqlite.Database.HasPendingModelChanges());
        Assert.False(postgres.Database.HasPendingModelChanges());
    }
}
