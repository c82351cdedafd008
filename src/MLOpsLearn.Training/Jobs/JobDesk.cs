using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Training.Data;
using MLOpsLearn.Training.Pipelines;

namespace MLOpsLearn.Training.Jobs;

/// <summary>What callers ask of jobs: start, look, cancel, watch.</summary>
internal sealed class JobDesk(
    TrainingDbContext db,
    PipelineCatalog catalog,
    JobLedger ledger,
    JobChanges changes,
    JobSignal signal,
    IHostApplicationLifetime lifetime,
    IOptions<TrainingOptions> options,
    TimeProvider time)
{
    private static readonly TimeSpan WatchFallBack = TimeSpan.FromSeconds(5);

    public async Task<Job> StartAsync(StartJobRequest request, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks()
            .RequestId(request.RequestId)
            .Name("pipeline", request.Pipeline)
            .Range("pipeline_version", request.PipelineVersion, 0, int.MaxValue)
            .Text("reason", request.Reason, 2000, required: false);
        if (request.Input is not null)
        {
            checks.Input(request.Input, options.Value.DataRoots);
        }

        checks.ThrowIfAny();
        var pipeline = await catalog.FindAsync(request.Pipeline, request.PipelineVersion, cancellationToken);
        var input = request.Input ?? new JobInput { Files = new Files { Uris = { PipelineReading.Parse(pipeline.Yaml).Dataset.Files } } };
        if (request.Input is null)
        {
            new FieldChecks()
                .Require(input.Files.Uris.Count > 0, "input", "", "must name files or a window, since the specification names no files")
                .ThrowIfAny();
            var fromSpecification = new FieldChecks();
            fromSpecification.Input(input, options.Value.DataRoots);
            fromSpecification.ThrowIfAny();
        }

        var reply = await db.RunOnceAsync(
            request.RequestId,
            request,
            time,
            _ =>
            {
                var now = time.GetUtcNow();
                var reason = request.Reason.Length > 0 ? request.Reason : "Started by hand.";
                return Task.FromResult(Enqueue(db, pipeline, new JobTrigger(JobTrigger.Manual, "", reason, now, null), input, time).ToProto());
            },
            cancellationToken);
        signal.Set();
        return reply;
    }

    /// <summary>Adds a job and its event to the context; the caller saves, then sets the signal.</summary>
    public static TrainingJob Enqueue(TrainingDbContext db, PipelineVersion pipeline, JobTrigger trigger, JobInput input, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var job = TrainingJob.Queue(
            pipeline.Workspace, pipeline.Name, pipeline.Version, pipeline.Model, trigger, input, Activity.Current?.Id, now);
        db.Add(job);
        db.PublishOnSave(
            new TrainingRequested(
                job.Workspace, job.Id, job.Pipeline, job.Model, trigger.Kind, trigger.Id, trigger.Reason, trigger.Time, now),
            time);
        return job;
    }

    public async Task<Job> GetAsync(string jobId, CancellationToken cancellationToken)
    {
        CheckId(jobId);
        return (await ledger.GetAsync(jobId, cancellationToken)).ToProto();
    }

    public async Task<ListJobsResponse> ListAsync(ListJobsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks()
            .PageSize(request.PageSize)
            .Text("pipeline", request.Pipeline, 200, required: false)
            .Text("trigger_id", request.TriggerId, 200, required: false)
            .Require(Enum.IsDefined(request.State), "state", request.State, "must be a state of the contract")
            .ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var jobs = db.Jobs.AsNoTracking().Where(job => job.Workspace == Workspaces.Default);
        if (PageToken.DecodeText(request.PageToken) is { } before)
        {
            jobs = jobs.Where(job => string.Compare(job.Id, before) < 0);
        }

        if (request.Pipeline.Length > 0)
        {
            jobs = jobs.Where(job => job.Pipeline == request.Pipeline);
        }

        if (request.State != JobState.Unspecified)
        {
            jobs = jobs.Where(job => job.State == request.State);
        }

        if (request.TriggerId.Length > 0)
        {
            jobs = jobs.Where(job => job.Trigger.Id == request.TriggerId);
        }

        var page = await jobs.OrderByDescending(job => job.Id).Take(size + 1).ToListAsync(cancellationToken);
        var answer = new ListJobsResponse();
        answer.Jobs.AddRange(page.Take(size).Select(job => job.ToProto()));
        answer.NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "";
        return answer;
    }

    /// <summary>Ends the job now; whoever runs its worker is woken by the change and kills it.</summary>
    /// <exception cref="RpcException">NOT_FOUND, or FAILED_PRECONDITION when the job has ended.</exception>
    public async Task<Job> CancelAsync(string jobId, CancellationToken cancellationToken)
    {
        CheckId(jobId);
        var job = await ledger.ChangeAsync(
            jobId,
            job =>
            {
                if (job.HasEnded)
                {
                    throw RpcErrors.FailedPrecondition("JOB_ENDED", jobId, $"Job {jobId} has ended: it is {JobStates.Word(job.State)}.");
                }

                job.Cancel(time.GetUtcNow());
                return true;
            },
            cancellationToken);
        signal.Set();
        return job.ToProto();
    }

    /// <summary>Tells each change of the job until it has ended, the caller goes, or the service stops.</summary>
    /// <exception cref="RpcException">NOT_FOUND, or UNAVAILABLE when the service stops: the caller may watch on elsewhere.</exception>
    public async Task WatchAsync(string jobId, IServerStreamWriter<Job> answers, CancellationToken cancellationToken)
    {
        CheckId(jobId);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await WatchToTheEndAsync(jobId, answers, leaving.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The service stops; watch the job again when it is back."));
        }
    }

    private async Task WatchToTheEndAsync(string jobId, IServerStreamWriter<Job> answers, CancellationToken cancellationToken)
    {
        using var changed = changes.Watch(jobId);
        Job? last = null;
        while (true)
        {
            var job = await ledger.GetAsync(jobId, cancellationToken);
            var view = job.ToProto();
            if (!view.Equals(last))
            {
                await answers.WriteAsync(view, cancellationToken);
                last = view;
            }

            if (job.HasEnded)
            {
                return;
            }

            await changed.WaitAsync(WatchFallBack, time, cancellationToken);
        }
    }

    private static void CheckId(string jobId) => new FieldChecks().Text("job_id", jobId, 100).ThrowIfAny();
}
