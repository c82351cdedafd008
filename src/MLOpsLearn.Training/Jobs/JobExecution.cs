using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Data;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Brings one claimed job to its end: worker process, then registration and gate. Holds the lease all the while.</summary>
internal sealed partial class JobExecution(
    IServiceScopeFactory scopes,
    JobChanges changes,
    JobOwner owner,
    JobRegistration registration,
    IWorkerExecutor executor,
    Tracking.TrackingClient tracking,
    IOptions<TrainingOptions> options,
    TimeProvider time,
    ILogger<JobExecution> logger)
{
    private static readonly TimeSpan WorkerGoodbye = TimeSpan.FromSeconds(5);

    /// <summary>Runs the job. On cancellation a worker that ends with this service leaves its job to the queue; one that outlives it keeps the job.</summary>
    public async Task RunAsync(ClaimedJob claimed, CancellationToken cancellationToken)
    {
        using var activity = TrainingTelemetry.Activities.StartActivity("training job", ActivityKind.Consumer, claimed.Job.TraceParent);
        activity?.SetTag("mlopslearn.job", claimed.Job.Id);
        Log.Started(logger, claimed.Job.Id, claimed.Job.Pipeline, claimed.Job.Attempt);
        try
        {
            var job = claimed.Job.TrainedModel is null ? await TrainAsync(claimed, cancellationToken) : claimed.Job;
            if (job.IsHeldBy(owner.Name) && job.TrainedModel is not null)
            {
                job = await registration.RunAsync(job, cancellationToken);
            }

            Log.Ended(logger, job.Id, job.State, job.Message);
            TrainingTelemetry.AttemptEnded(job.State);
            TrainingTelemetry.Trace(job.Steps);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested && exception is OperationCanceledException or RpcException)
        {
            await ChangeAsync(
                claimed.Job.Id,
                job => !IsLeftToItsWorker(job) && Requeue(job, "The service stopped; the job is taken up again when it runs."),
                CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
        }

        await EndRunsAsync(cancellationToken);
    }

    /// <summary>Removes what is left of attempts that nobody runs any more.</summary>
    public async Task CleanUpAsync(CancellationToken cancellationToken)
    {
        var left = await executor.ListAsync(cancellationToken);
        if (left.Count == 0)
        {
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TrainingDbContext>();
        var now = time.GetUtcNow();
        var running = await db.Jobs.AsNoTracking()
            .Where(job => job.State == JobState.Running && job.LeaseUntil > now)
            .Select(job => new { job.Id, job.LeaseOwner }).ToListAsync(cancellationToken);
        var alive = running.Where(job => job.LeaseOwner is { } name && !owner.IsDead(name)).Select(job => job.Id).ToHashSet();
        foreach (var attempt in left.Where(attempt => !alive.Contains(attempt.JobId)))
        {
            await executor.RemoveAsync(attempt, cancellationToken);
        }
    }

    /// <summary>Ends the tracking runs of jobs that ended without a model. What tracking doesn't answer to is tried again later.</summary>
    public async Task EndRunsAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TrainingDbContext>();
        var pending = await db.Jobs.AsNoTracking().Where(job => job.RunEndPending)
            .OrderBy(job => job.Id).Select(job => new { job.Id, job.RunId, job.State }).Take(100).ToListAsync(cancellationToken);
        foreach (var job in pending)
        {
            try
            {
                await tracking.FinishRunAsync(
                    new FinishRunRequest { RunId = job.RunId, Status = job.State == JobState.Cancelled ? RunStatus.Killed : RunStatus.Failed },
                    deadline: Deadline(),
                    cancellationToken: cancellationToken);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.FailedPrecondition or StatusCode.NotFound)
            {
                // It ended before, or is gone: nothing is left to tell.
            }
            catch (RpcException exception)
            {
                Log.RunNotEnded(logger, job.RunId, exception.Status.Detail);
                return;
            }

            await ChangeAsync(
                job.Id,
                ended =>
                {
                    ended.RunEnded();
                    return true;
                },
                cancellationToken);
        }
    }

    private async Task<TrainingJob> TrainAsync(ClaimedJob claimed, CancellationToken cancellationToken)
    {
        var jobId = claimed.Job.Id;
        try
        {
            using var changed = changes.Watch(jobId);
            await using var worker = executor.Start(claimed);
            var job = await ChangeAsync(jobId, job => WhileHeld(job, () => job.WorkerStarted(worker.ProcessId)), cancellationToken);
            var timedOut = !await SuperviseAsync(job, worker, changed, cancellationToken);
            await EndWorkerAsync(jobId, worker);
            return await JudgeAsync(jobId, worker, timedOut, cancellationToken);
        }
        catch (FileNotFoundException exception)
        {
            return await ChangeAsync(jobId, job => WhileHeld(job, () => job.Fail(exception.Message, time.GetUtcNow())), cancellationToken);
        }
    }

    /// <summary>Renews the lease until the worker is done, is gone, or must go; false when its time is up.</summary>
    private async Task<bool> SuperviseAsync(
        TrainingJob job, IRunningWorker worker, JobChanges.Subscription changed, CancellationToken cancellationToken)
    {
        var lastRenewal = time.GetUtcNow();
        var end = lastRenewal + options.Value.TimeLimit;
        var interval = options.Value.Lease / 3;
        while (job.IsHeldBy(owner.Name) && job.TrainedModel is null && job.WorkerFault is null && !worker.Exited.IsCompleted)
        {
            if (time.GetUtcNow() >= end)
            {
                return false;
            }

            using var awake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(worker.Exited, changed.WaitAsync(interval, time, awake.Token));
            await awake.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            var now = time.GetUtcNow();
            if (now - lastRenewal >= interval)
            {
                lastRenewal = now;
                job = await ChangeAsync(job.Id, current => current.Renew(owner.Name, now, options.Value.Lease, worker.PeakMemoryBytes), cancellationToken);
            }
            else
            {
                job = await GetAsync(job.Id, cancellationToken);
            }
        }

        return true;
    }

    /// <summary>Kills a worker that must go; one whose result is here may end by itself while the job goes on.</summary>
    private async Task EndWorkerAsync(string jobId, IRunningWorker worker)
    {
        var job = await GetAsync(jobId, CancellationToken.None);
        if (job.TrainedModel is null || !job.IsHeldBy(owner.Name))
        {
            if (job.WorkerFault is not null)
            {
                await Task.WhenAny(worker.Exited, Task.Delay(WorkerGoodbye, time));
            }

            await worker.StopAsync();
        }
    }

    private async Task<TrainingJob> JudgeAsync(string jobId, IRunningWorker worker, bool timedOut, CancellationToken cancellationToken)
    {
        var job = await GetAsync(jobId, cancellationToken);
        if (job.TrainedModel is not null || !job.IsHeldBy(owner.Name))
        {
            return job.ProcessId == 0 ? job : await ChangeAsync(jobId, WithoutWorker, cancellationToken);
        }

        var end = timedOut ? new WorkerEnd($"the worker was ended after the time limit of {options.Value.TimeLimit}", WorkerEndKind.Final)
            : job.WorkerFault is { } fault ? new WorkerEnd(fault, job.WorkerFaultRetryable ? WorkerEndKind.Own : WorkerEndKind.Final)
            : await worker.DescribeEndAsync();
        Log.WorkerFailed(logger, jobId, job.Attempt, end.Reason);
        return await ChangeAsync(
            jobId,
            current =>
            {
                WithoutWorker(current);
                return current.TrainedModel is not null || WhileHeld(current, () => Conclude(current, end));
            },
            cancellationToken);
    }

    private void Conclude(TrainingJob job, WorkerEnd end)
    {
        if (end.Kind == WorkerEndKind.Foreign)
        {
            job.Requeue($"Attempt {job.Attempt}: {end.Reason}. Taken up again.");
            return;
        }

        job.RetryOrFail(end.Reason, end.Kind == WorkerEndKind.Own, time.GetUtcNow());
    }

    private bool IsLeftToItsWorker(TrainingJob job) => executor.WorkersOutliveService && job.TrainedModel is null && job.WorkerFault is null;

    private bool Requeue(TrainingJob job, string message) => WhileHeld(job, () =>
    {
        job.WorkerGone();
        job.Requeue(message);
    });

    private bool WhileHeld(TrainingJob job, Action change)
    {
        if (!job.IsHeldBy(owner.Name))
        {
            return false;
        }

        change();
        return true;
    }

    private static bool WithoutWorker(TrainingJob job)
    {
        job.WorkerGone();
        return true;
    }

    private Task<TrainingJob> ChangeAsync(string jobId, Func<TrainingJob, bool> change, CancellationToken cancellationToken) =>
        scopes.WithLedgerAsync(ledger => ledger.ChangeAsync(jobId, change, cancellationToken), time, options.Value, cancellationToken);

    private Task<TrainingJob> GetAsync(string jobId, CancellationToken cancellationToken) =>
        scopes.WithLedgerAsync(ledger => ledger.GetAsync(jobId, cancellationToken), time, options.Value, cancellationToken);

    private DateTime Deadline() => time.GetUtcNow().UtcDateTime.AddSeconds(10);

    private static partial class Log
    {
        [LoggerMessage(4121, LogLevel.Information, "Job {JobId} of pipeline {Pipeline} starts, attempt {Attempt}.")]
        public static partial void Started(ILogger logger, string jobId, string pipeline, int attempt);

        [LoggerMessage(4122, LogLevel.Information, "Job {JobId} is {State}. {JobMessage}")]
        public static partial void Ended(ILogger logger, string jobId, JobState state, string jobMessage);

        [LoggerMessage(4123, LogLevel.Warning, "Job {JobId}, attempt {Attempt}: {Reason}")]
        public static partial void WorkerFailed(ILogger logger, string jobId, int attempt, string reason);

        [LoggerMessage(4124, LogLevel.Warning, "Run {RunId} could not be ended yet: {Reason}")]
        public static partial void RunNotEnded(ILogger logger, string runId, string reason);
    }
}
