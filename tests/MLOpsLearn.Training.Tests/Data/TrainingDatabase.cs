using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.Tests.Data;

/// <summary>A real database in a file, and the clock of a test.</summary>
internal sealed class TrainingDatabase : IAsyncDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"training-{Guid.CreateVersion7():N}.db");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2024, 6, 1, 0, 0, 0, TimeSpan.Zero));

    public TrainingOptions Options { get; } = new() { Lease = TimeSpan.FromSeconds(30) };

    public static async Task<TrainingDatabase> CreateAsync()
    {
        var database = new TrainingDatabase();
        await using var context = database.Open();
        await context.Database.MigrateAsync();
        return database;
    }

    public SqliteTrainingDbContext Open() =>
        new(new DbContextOptionsBuilder<SqliteTrainingDbContext>().UseSqlite($"Data Source={_path};Pooling=false").Options);

    public async Task<ClaimedJob?> ClaimAsync(JobOwner owner)
    {
        await using var context = Open();
        var ledger = new JobLedger(context, new JobChanges(), Time);
        return await new JobQueue(context, ledger, owner, Time, Microsoft.Extensions.Options.Options.Create(Options)).ClaimAsync(CancellationToken.None);
    }

    public async Task<TrainingJob> ChangeAsync(string jobId, Action<TrainingJob> change)
    {
        await using var context = Open();
        return await new JobLedger(context, new JobChanges(), Time).ChangeAsync(
            jobId,
            job =>
            {
                change(job);
                return true;
            },
            CancellationToken.None);
    }

    public async Task<string> QueueAsync()
    {
        await using var context = Open();
        var job = TrainingJob.Queue(
            "default", "trips", 1, "trip-duration", new JobTrigger(JobTrigger.Manual, "", "test", Time.GetUtcNow(), null), new JobInput { Files = new Files() }, null, Time.GetUtcNow());
        context.Add(job);
        await context.SaveChangesAsync();
        Time.Advance(TimeSpan.FromMilliseconds(2));
        return job.Id;
    }

    public ValueTask DisposeAsync()
    {
        foreach (var ending in new[] { "", "-wal", "-shm" })
        {
            File.Delete(_path + ending);
        }

        return ValueTask.CompletedTask;
    }
}
