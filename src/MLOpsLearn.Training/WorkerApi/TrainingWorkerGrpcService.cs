using Grpc.Core;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;

namespace MLOpsLearn.Training.WorkerApi;

/// <summary>What workers say. A call counts only with the token of the attempt that runs now.</summary>
internal sealed class TrainingWorkerGrpcService(
    JobLedger ledger, PipelineCatalog catalog, Registry.RegistryClient registry, IOptions<TrainingOptions> options, TimeProvider time)
    : TrainingWorker.TrainingWorkerBase
{
    /// <summary>Metadata key of the token.</summary>
    public const string TokenKey = "mlopslearn-job-token";

    private const int MostSteps = 20;

    public override async Task<Assignment> GetAssignment(GetAssignmentRequest request, ServerCallContext context)
    {
        var job = await AuthorizeAsync(request.JobId, context);
        if (job.State != JobState.Running)
        {
            throw RpcErrors.FailedPrecondition("JOB_NOT_RUNNING", job.Id, $"Job {job.Id} is {JobStates.Word(job.State)}.");
        }

        var pipeline = await catalog.FindAsync(job.Pipeline, job.PipelineVersion, context.CancellationToken);
        return new Assignment
        {
            JobId = job.Id,
            Attempt = job.Attempt,
            Pipeline = job.Pipeline,
            PipelineVersion = job.PipelineVersion,
            Yaml = pipeline.Yaml,
            Input = JobInput.Parser.ParseFrom(job.Input),
            Trigger = job.Trigger.ToProto(),
            Champion = await FindChampionAsync(job.Model, context.CancellationToken),
            RunId = job.RunId,
        };
    }

    public override async Task<ReportProgressResponse> ReportProgress(ReportProgressRequest request, ServerCallContext context)
    {
        CheckReport(request.Steps, request.RunId);
        await AuthorizeAsync(request.JobId, context);
        var stop = false;
        await ledger.ChangeAsync(
            request.JobId,
            job =>
            {
                stop = !IsCurrent(job, context) || job.TrainedModel is not null;
                if (!stop)
                {
                    Report(job, request.Steps, request.RunId, request.FitStartTime?.ToDateTimeOffset(), request.FitEndTime?.ToDateTimeOffset());
                }

                return !stop;
            },
            context.CancellationToken);
        return new ReportProgressResponse { Stop = stop };
    }

    public override async Task<CompleteAssignmentResponse> CompleteAssignment(CompleteAssignmentRequest request, ServerCallContext context)
    {
        CheckReport(request.Steps, request.RunId);
        new FieldChecks()
            .Require(request.ResultCase != CompleteAssignmentRequest.ResultOneofCase.None, "result", "", "must be a model or a failure")
            .Require(request.ResultCase != CompleteAssignmentRequest.ResultOneofCase.Model || request.RunId.Length > 0, "run_id", "", "must name the model's run")
            .Range("peak_memory_bytes", request.PeakMemoryBytes, 0, long.MaxValue)
            .ThrowIfAny();
        await AuthorizeAsync(request.JobId, context);
        await ledger.ChangeAsync(
            request.JobId,
            job =>
            {
                if (!IsCurrent(job, context))
                {
                    throw RpcErrors.FailedPrecondition("JOB_NOT_RUNNING", job.Id, $"Job {job.Id} is {JobStates.Word(job.State)}, or another worker has it.");
                }

                if (job.TrainedModel is not null || job.WorkerFault is not null)
                {
                    return false;
                }

                Report(job, request.Steps, request.RunId, request.FitStartTime?.ToDateTimeOffset(), request.FitEndTime?.ToDateTimeOffset());
                if (request.Model is { } model)
                {
                    job.WorkerSucceeded(model, request.PeakMemoryBytes);
                }
                else
                {
                    job.WorkerFailed(request.Failure.Message, request.Failure.Retryable, request.PeakMemoryBytes);
                }

                return true;
            },
            context.CancellationToken);
        return new CompleteAssignmentResponse();
    }

    private static bool IsCurrent(TrainingJob job, ServerCallContext context) =>
        job.State == JobState.Running && JobToken.Matches(job.TokenHash, Token(context));

    private static string Token(ServerCallContext context) => context.RequestHeaders.GetValue(TokenKey) ?? "";

    private static void CheckReport(IReadOnlyCollection<JobStep> steps, string runId)
    {
        var checks = new FieldChecks().Range("steps", steps.Count, 0, MostSteps).Text("run_id", runId, 32, required: false);
        foreach (var step in steps.Take(MostSteps))
        {
            checks.Require(StepEntry.Order.Contains(step.Name), "steps.name", step.Name, "must be a step of the contract");
        }

        checks.ThrowIfAny();
    }

    private void Report(TrainingJob job, IEnumerable<JobStep> steps, string runId, DateTimeOffset? fitStart, DateTimeOffset? fitEnd)
    {
        var now = time.GetUtcNow();
        job.Report([.. steps.Select(step => StepEntry.From(step, now))], runId, fitStart, fitEnd, now + options.Value.Lease);
    }

    private async Task<TrainingJob> AuthorizeAsync(string jobId, ServerCallContext context)
    {
        // One answer for an unknown job and a wrong token: nobody learns ids by trying.
        var job = jobId.Length is > 0 and <= 100 && !jobId.Contains('\0') ? await ledger.FindAsync(jobId, context.CancellationToken) : null;
        return job is not null && JobToken.Matches(job.TokenHash, Token(context))
            ? job
            : throw RpcErrors.PermissionDenied("JOB_TOKEN", "The token does not belong to the attempt of this job that runs now.");
    }

    private async Task<Champion?> FindChampionAsync(string model, CancellationToken cancellationToken)
    {
        try
        {
            var version = await registry.ResolveAliasAsync(
                new ResolveAliasRequest { Model = model, Alias = PipelineReading.Alias },
                deadline: time.GetUtcNow().UtcDateTime.AddSeconds(10),
                cancellationToken: cancellationToken);
            return new Champion
            {
                Version = version.Version,
                RunId = version.RunId,
                ArtifactPath = version.ArtifactPath,
                ModelFile = version.ModelFile,
                ModelSha256 = version.ModelSha256,
            };
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw RpcErrors.Unavailable("REGISTRY", $"The registry did not say which version is in charge: {exception.Status.Detail}");
        }
    }
}
