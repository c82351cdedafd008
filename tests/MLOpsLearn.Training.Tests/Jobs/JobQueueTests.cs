using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Tests.Data;

namespace MLOpsLearn.Training.Tests.Jobs;

/// <summary>Leases: one owner at a time, and none for ever.</summary>
public sealed class JobQueueTests
{
    private readonly JobOwner _here = new();
    private readonly JobOwner _elsewhere = new() { Name = "another-machine/4711/x" };

    [Fact]
    public async Task A_claimed_job_is_free_again_only_when_its_lease_runs_out()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        await database.QueueAsync();
        var first = await database.ClaimAsync(_elsewhere);
        Assert.Equal(1, first!.Job.Attempt);

        database.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Null(await database.ClaimAsync(_here));

        database.Time.Advance(TimeSpan.FromSeconds(2));
        var second = await database.ClaimAsync(_here);

        Assert.Equal((first.Job.Id, 2), (second!.Job.Id, second.Job.Attempt));
        Assert.False(JobToken.Matches(second.Job.TokenHash, first.Token));
        Assert.True(JobToken.Matches(second.Job.TokenHash, second.Token));
    }

    [Fact]
    public async Task A_renewed_lease_holds()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        var id = await database.QueueAsync();
        await database.ClaimAsync(_elsewhere);
        database.Time.Advance(TimeSpan.FromSeconds(20));
        await database.ChangeAsync(id, job => Assert.True(job.Renew(_elsewhere.Name, database.Time.GetUtcNow(), TimeSpan.FromSeconds(30), 5)));
        database.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Null(await database.ClaimAsync(_here));
        await database.ChangeAsync(id, job => Assert.False(job.Renew(_here.Name, database.Time.GetUtcNow(), TimeSpan.FromSeconds(30), 5)));
    }

    [Fact]
    public async Task A_job_of_a_dead_process_of_this_machine_is_taken_at_once()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        await database.QueueAsync();
        await database.ClaimAsync(new JobOwner { Name = $"{Environment.MachineName}/{int.MaxValue}/x" });

        Assert.Equal(2, (await database.ClaimAsync(_here))?.Job.Attempt);
    }

    [Fact]
    public async Task Of_many_who_want_one_job_at_once_one_gets_it()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        await database.QueueAsync();

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => database.ClaimAsync(new JobOwner { Name = $"machine-{i}/1/x" })));

        Assert.Single(claims, claim => claim is not null);
    }

    [Fact]
    public async Task Jobs_are_taken_in_the_order_in_which_they_came()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        var ids = new[] { await database.QueueAsync(), await database.QueueAsync(), await database.QueueAsync() };

        var taken = new[] { await database.ClaimAsync(_here), await database.ClaimAsync(_here), await database.ClaimAsync(_here) };

        Assert.Equal(ids, taken.Select(claim => claim?.Job.Id));
    }

    [Fact]
    public async Task A_job_that_no_service_outlives_is_given_up()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        var id = await database.QueueAsync();
        for (var i = 0; i < TrainingJob.MostAttempts; i++)
        {
            Assert.NotNull(await database.ClaimAsync(_elsewhere));
            database.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null(await database.ClaimAsync(_elsewhere));
        await database.ChangeAsync(id, job => Assert.Equal(JobState.Failed, job.State));
    }

    [Fact]
    public async Task Changes_made_at_once_are_all_kept()
    {
        await using var database = await TrainingDatabase.CreateAsync();
        var id = await database.QueueAsync();
        await database.ClaimAsync(_here);

        await Task.WhenAll(StepEntry.Order.Select(step => database.ChangeAsync(id, job => job.BeginStep(step, database.Time.GetUtcNow()))));

        await database.ChangeAsync(id, job => Assert.Equal(StepEntry.Order.Order(), job.Steps.Select(step => step.Name).Order()));
    }
}
