using CsCheck;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Jobs;

namespace MLOpsLearn.Training.Tests.Jobs;

/// <summary>The state machine: what may follow what, and what holds in every state.</summary>
public sealed class JobStateTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Action<TrainingJob, DateTimeOffset>[] Moves =
    [
        (job, now) => job.Claim("machine/1/a", JobToken.Hash("token"), now, TimeSpan.FromSeconds(30)),
        (job, _) => job.Requeue("again"),
        (job, now) => job.RetryOrFail("it broke", retryable: true, now),
        (job, now) => job.RetryOrFail("bad data", retryable: false, now),
        (job, now) => job.Fail("no", now),
        (job, now) => job.Cancel(now),
        (job, now) => job.Succeed("evaluation", "promoted", "better", now),
    ];

    [Theory]
    [InlineData(JobState.Queued, JobState.Running, true)]
    [InlineData(JobState.Queued, JobState.Cancelled, true)]
    [InlineData(JobState.Queued, JobState.Succeeded, false)]
    [InlineData(JobState.Running, JobState.Running, true)]
    [InlineData(JobState.Running, JobState.Queued, true)]
    [InlineData(JobState.Running, JobState.Succeeded, true)]
    [InlineData(JobState.Running, JobState.Failed, true)]
    [InlineData(JobState.Running, JobState.Cancelled, true)]
    [InlineData(JobState.Succeeded, JobState.Running, false)]
    [InlineData(JobState.Failed, JobState.Queued, false)]
    [InlineData(JobState.Cancelled, JobState.Running, false)]
    public void Only_these_states_follow(JobState from, JobState to, bool expected) => Assert.Equal(expected, JobStates.CanMove(from, to));

    [Fact]
    public void Whatever_is_tried_in_whatever_order_the_rules_hold() =>
        Gen.Int[0, Moves.Length - 1].List[0, 20].Sample(moves =>
        {
            var job = AJob();
            foreach (var (move, step) in moves.Select((move, step) => (move, step)))
            {
                var (before, revision, ended) = (job.State, job.Revision, job.HasEnded);
                try
                {
                    Moves[move](job, Start.AddSeconds(step));
                }
                catch (InvalidOperationException)
                {
                    Assert.Equal(before, job.State);
                    continue;
                }

                Assert.False(ended);
                Assert.True(JobStates.CanMove(before, job.State));
                Assert.True(job.Revision > revision);
                Assert.Equal(job.State == JobState.Running, job.LeaseOwner is not null && job.LeaseUntil is not null);
                Assert.Equal(job.HasEnded, job.EndTime is not null);
                Assert.True(job.WorkerFailures <= TrainingJob.MostWorkerFailures);
                Assert.True(job.State != JobState.Failed || job.Message.Length > 0);
            }
        });

    [Fact]
    public void The_second_failure_of_the_worker_is_the_last_and_tells_of_both()
    {
        var job = AJob();
        job.Claim("machine/1/a", [], Start, TimeSpan.FromSeconds(30));
        job.RetryOrFail("worker process 7 ended with signal 9", retryable: true, Start);
        Assert.Equal(JobState.Queued, job.State);

        job.Claim("machine/1/a", [], Start, TimeSpan.FromSeconds(30));
        job.RetryOrFail("worker process 8 ended with signal 11", retryable: true, Start);

        Assert.Equal((JobState.Failed, 2), (job.State, job.Attempt));
        Assert.Contains("process 8 ended with signal 11", job.Message, StringComparison.Ordinal);
        Assert.Contains("process 7 ended with signal 9", job.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_whose_worker_is_done_goes_on_without_another_attempt()
    {
        var job = AJob();
        job.Claim("machine/1/a", [], Start, TimeSpan.FromSeconds(30));
        job.WorkerSucceeded(new TrainedModel { ArtifactPath = "model" }, 1);
        job.BeginStep("register", Start);

        job.Claim("machine/2/b", [], Start, TimeSpan.FromSeconds(30));

        Assert.Equal(1, job.Attempt);
        Assert.Contains(job.Steps, step => step.Name == "register");
    }

    private static TrainingJob AJob() => TrainingJob.Queue(
        "default", "trips", 1, "trip-duration", new JobTrigger(JobTrigger.Manual, "", "test", Start, null), new JobInput { Files = new Files() }, null, Start);
}
