using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>
/// The last two steps of a job: registers what the worker made, and asks the gate. Each call has a request id made from the job's id and each step
/// is looked for before it is taken again, so that a job taken up after a crash makes no second version.
/// </summary>
internal sealed partial class JobRegistration(
    IServiceScopeFactory scopes,
    Registry.RegistryClient registry,
    RegistryCalls calls,
    JobOwner owner,
    IOptions<TrainingOptions> options,
    TimeProvider time,
    ILogger<JobRegistration> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>Ends the job, or leaves it to whoever holds it now.</summary>
    public async Task<TrainingJob> RunAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        var giveUpAt = time.GetUtcNow() + options.Value.RegistryPatience;
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                job = await ChangeAsync(job.Id, current => current.Renew(owner.Name, time.GetUtcNow(), options.Value.Lease, 0), cancellationToken);
                if (!job.IsHeldBy(owner.Name))
                {
                    return job;
                }

                if (job.ModelVersion == 0)
                {
                    job = await RegisterAsync(job, cancellationToken);
                }

                return job.IsHeldBy(owner.Name) ? await PassGateAsync(job, cancellationToken) : job;
            }
            catch (RpcException exception) when (IsPassing(exception.StatusCode) && time.GetUtcNow() < giveUpAt)
            {
                Log.NoAnswer(logger, job.Id, exception.Status.Detail);
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                var step = job.ModelVersion == 0 ? "register" : "gate";
                return await ChangeAsync(
                    job.Id,
                    current => WhileHeld(current, () => current.Fail($"The registry refused step '{step}': {exception.Status.Detail}", time.GetUtcNow())),
                    cancellationToken);
            }
        }
    }

    private static bool IsPassing(StatusCode status) =>
        status is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Internal or StatusCode.Aborted or StatusCode.ResourceExhausted;

    private async Task<TrainingJob> RegisterAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        var isResumed = job.Steps.Any(step => step.Name == "register");
        await ChangeAsync(job.Id, current => WhileHeld(current, () => current.BeginStep("register", time.GetUtcNow())), cancellationToken);
        var version = isResumed ? await calls.FindVersionAsync(job, cancellationToken) : null;
        version ??= await calls.CreateVersionAsync(job, TrainedModel.Parser.ParseFrom(job.TrainedModel), cancellationToken);
        return await ChangeAsync(
            job.Id,
            current => WhileHeld(current, () =>
            {
                current.Registered(version.Version);
                current.EndStep("register", $"{version.Model} version {version.Version}", time.GetUtcNow());
            }),
            cancellationToken);
    }

    private async Task<TrainingJob> PassGateAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        var isResumed = job.Steps.Any(step => step.Name == "gate");
        var model = TrainedModel.Parser.ParseFrom(job.TrainedModel);
        await ChangeAsync(job.Id, current => WhileHeld(current, () => current.BeginStep("gate", time.GetUtcNow())), cancellationToken);
        await calls.HandOverPolicyAsync(job, cancellationToken);
        var evaluation = (isResumed ? await FindEvaluationAsync(job, cancellationToken) : null)
            ?? await registry.EvaluateModelVersionAsync(
                new EvaluateModelVersionRequest
                {
                    RequestId = Contracts.RequestIds.Derive(job.Id, "gate"),
                    Model = job.Model,
                    Version = job.ModelVersion,
                    ScoredRowsPath = model.ScoredRowsPath,
                    DataQuality = new DataQualityVerdict { Good = model.DataQualityGood, Findings = { model.DataQualityFindings } },
                    Automatic = job.Trigger.Kind != JobTrigger.Manual,
                },
                deadline: time.GetUtcNow().UtcDateTime.AddMinutes(2),
                cancellationToken: cancellationToken);
        var outcome = evaluation.Verdict switch
        {
            Verdict.Promoted => "promoted",
            Verdict.HeldBack => "held-back",
            _ => "refused",
        };
        return await ChangeAsync(
            job.Id,
            current => WhileHeld(current, () =>
            {
                current.EndStep("gate", outcome, time.GetUtcNow());
                current.Succeed(evaluation.EvaluationId, outcome, evaluation.Reason, time.GetUtcNow());
            }),
            cancellationToken);
    }

    private async Task<Evaluation?> FindEvaluationAsync(TrainingJob job, CancellationToken cancellationToken)
    {
        var known = await registry.ListEvaluationsAsync(
            new ListEvaluationsRequest { Model = job.Model, Version = job.ModelVersion, PageSize = 1 },
            deadline: time.GetUtcNow().UtcDateTime.AddSeconds(10),
            cancellationToken: cancellationToken);
        return known.Evaluations.FirstOrDefault();
    }

    private bool WhileHeld(TrainingJob job, Action change)
    {
        if (!job.IsHeldBy(owner.Name))
        {
            return false;
        }

        change();
        return true;
    }

    private Task<TrainingJob> ChangeAsync(string jobId, Func<TrainingJob, bool> change, CancellationToken cancellationToken) =>
        scopes.WithLedgerAsync(ledger => ledger.ChangeAsync(jobId, change, cancellationToken), time, options.Value, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(4131, LogLevel.Warning, "Job {JobId} waits for the registry: {Reason}")]
        public static partial void NoAnswer(ILogger logger, string jobId, string reason);
    }
}
