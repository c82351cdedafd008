using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Tests.Data;

public sealed class MigrationTests
{
    [Fact]
    public void The_migrations_of_both_databases_say_what_the_model_says()
    {
        using var sqlite = new SqliteTrackingDbContext.DesignTimeFactory().CreateDbContext([]);
        using var postgres = new PostgresTrackingDbContext.DesignTimeFactory().CreateDbContext([]);

        Assert.False(sqlite.Database.HasPendingModelChanges());
        Assert.False(postgres.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task A_server_that_starts_again_has_what_it_had()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-tracking").FullName;
        var kept = Directory.CreateTempSubdirectory("mlops-tracking").FullName;
        await using (var app = await TrackingApp.StartAsync(folder))
        {
            await app.StartRunAsync();
            // As if it were killed here: the files of this moment, while it runs.
            foreach (var file in Directory.EnumerateFiles(folder, "tracking.db*"))
            {
                File.Copy(file, Path.Combine(kept, Path.GetFileName(file)));
            }
        }

        await using var again = await TrackingApp.StartAsync(kept);

        Assert.Single((await again.Client.ListRunsAsync(new(), cancellationToken: TestContext.Current.CancellationToken)).Runs);
    }
}
