using Google.Protobuf;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>
/// A training job. Every change goes through a method that keeps to <see cref="JobStates"/> and raises <see cref="Revision"/>,
/// the concurrency token: of two changes made at once the second is made again on the result of the first.
/// </summary>
internal sealed class TrainingJob
{
    /// <summary>Starts of one job, whatever ended them, before it counts as one that can't be run.</summary>
    public const int MostAttempts = 6;

    /// <summary>Ends of the worker that are its own: the second fails the job.</summary>
    public const int MostWorkerFailures = 2;

    private const int MostMessageCharacters = 2000;

    private TrainingJob()
    {
    }

    public string Id { get; private set; } = "";

    public string Workspace { get; private set; } = "";

    public string Pipeline { get; private set; } = "";

    public int PipelineVersion { get; private set; }

    public string Model { get; private set; } = "";

    public JobState State { get; private set; }

    public long Revision { get; private set; }

    public JobTrigger Trigger { get; private set; } = new("", "", "", default, null);

    /// <summary>A <see cref="JobInput"/> in protobuf form.</summary>
    public byte[] Input { get; private set; } = [];

    public DateTimeOffset CreateTime { get; private set; }

    public DateTimeOffset? StartTime { get; private set; }

    public DateTimeOffset? EndTime { get; private set; }

    public int Attempt { get; private set; }

    public int WorkerFailures { get; private set; }

    public string? LeaseOwner { get; private set; }

    public DateTimeOffset? LeaseUntil { get; private set; }

    /// <summary>SHA-256 of the token of the attempt that runs.</summary>
    public byte[]? TokenHash { get; private set; }

    public int ProcessId { get; private set; }

    public IReadOnlyList<StepEntry> Steps { get; private set; } = [];

    public string Message { get; private set; } = "";

    public string RunId { get; private set; } = "";

    /// <summary>Whether the run in Tracking must still be told that the job ended without a model.</summary>
    public bool RunEndPending { get; private set; }

    /// <summary>A <see cref="TrainedModel"/> in protobuf form, once the worker has done its part.</summary>
    public byte[]? TrainedModel { get; private set; }

    /// <summary>What the worker itself gave as the reason of its failure, until the runner has acted on it.</summary>
    public string? WorkerFault { get; private set; }

    public bool WorkerFaultRetryable { get; private set; }

    public int ModelVersion { get; private set; }

    public string EvaluationId { get; private set; } = "";

    public string Outcome { get; private set; } = "";

    public string OutcomeReason { get; private set; } = "";

    public DateTimeOffset? FitStartTime { get; private set; }

    public DateTimeOffset? FitEndTime { get; private set; }

    public long PeakMemoryBytes { get; private set; }

    /// <summary>W3C trace parent of what asked for the job.</summary>
    public string? TraceParent { get; private set; }

    public bool HasEnded => JobStates.HasEnded(State);

    public static TrainingJob Queue(
        string workspace, string pipeline, int pipelineVersion, string model, JobTrigger trigger, JobInput input, string? traceParent, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now).ToString("D"),
            Workspace = workspace,
            Pipeline = pipeline,
            PipelineVersion = pipelineVersion,
            Model = model,
            Trigger = trigger,
            Input = input.ToByteArray(),
            State = JobState.Queued,
            CreateTime = now,
            TraceParent = traceParent,
        };

    /// <summary>Whether <paramref name="owner"/> holds the lease.</summary>
    public bool IsHeldBy(string owner) => State == JobState.Running && LeaseOwner == owner;

    /// <summary>Gives the job to an owner. Another start of the worker is another attempt; a job whose worker is done goes on with its next step.</summary>
    public void Claim(string owner, byte[] tokenHash, DateTimeOffset now, TimeSpan lease)
    {
        Move(JobState.Running);
        StartTime ??= now;
        LeaseOwner = owner;
        LeaseUntil = now + lease;
        TokenHash = tokenHash;
        ProcessId = 0;
        WorkerFault = null;
        if (TrainedModel is null)
        {
            Attempt++;
            Steps = [];
        }
    }

    /// <summary>Renews the lease; false when it is not the owner's any more.</summary>
    public bool Renew(string owner, DateTimeOffset now, TimeSpan lease, long peakMemoryBytes)
    {
        if (!IsHeldBy(owner))
        {
            return false;
        }

        LeaseUntil = now + lease;
        PeakMemoryBytes = Math.Max(PeakMemoryBytes, peakMemoryBytes);
        Revision++;
        return true;
    }

    public void WorkerStarted(int processId) => Change(() => ProcessId = processId);

    public void WorkerGone() => Change(() => ProcessId = 0);

    public void Report(IEnumerable<StepEntry> steps, string runId, DateTimeOffset? fitStart, DateTimeOffset? fitEnd, DateTimeOffset leaseUntil)
    {
        Change(() =>
        {
            Steps = [.. Steps.Where(known => steps.All(step => step.Name != known.Name)).Concat(steps).OrderBy(step => Array.IndexOf(StepEntry.Order, step.Name))];
            RunId = runId.Length > 0 ? runId : RunId;
            FitStartTime = fitStart ?? FitStartTime;
            FitEndTime = fitEnd ?? FitEndTime;
            LeaseUntil = leaseUntil;
        });
    }

    public void WorkerSucceeded(TrainedModel model, long peakMemoryBytes) => Change(() =>
    {
        TrainedModel = model.ToByteArray();
        PeakMemoryBytes = Math.Max(PeakMemoryBytes, peakMemoryBytes);
    });

    public void WorkerFailed(string fault, bool retryable, long peakMemoryBytes) => Change(() =>
    {
        WorkerFault = Shorten(fault);
        WorkerFaultRetryable = retryable;
        PeakMemoryBytes = Math.Max(PeakMemoryBytes, peakMemoryBytes);
    });

    public void BeginStep(string name, DateTimeOffset now) =>
        Change(() => Steps = [.. Steps.Where(step => step.Name != name), new StepEntry(name, now, null, "")]);

    public void EndStep(string name, string message, DateTimeOffset now) =>
        Change(() => Steps = [.. Steps.Select(step => step.Name == name ? step with { End = now, Message = message } : step)]);

    public void Registered(int modelVersion) => Change(() => ModelVersion = modelVersion);

    /// <summary>Puts the job back after its worker failed, or fails it when that was not the first time or can't help.</summary>
    public void RetryOrFail(string reason, bool retryable, DateTimeOffset now)
    {
        WorkerFailures++;
        if (retryable && WorkerFailures < MostWorkerFailures)
        {
            Requeue($"Attempt {Attempt}: {reason}. Tried again.");
            return;
        }

        Fail(WorkerFailures > 1 ? $"Attempt {Attempt}: {reason}. It failed before: {Message}" : reason, now);
    }

    /// <summary>Gives the lease back so that the job is taken up again at once.</summary>
    public void Requeue(string message)
    {
        Move(JobState.Queued);
        Message = Shorten(message);
        DropLease();
    }

    public void Succeed(string evaluationId, string outcome, string outcomeReason, DateTimeOffset now)
    {
        EvaluationId = evaluationId;
        Outcome = outcome;
        OutcomeReason = Shorten(outcomeReason);
        End(JobState.Succeeded, now);
    }

    public void Fail(string message, DateTimeOffset now)
    {
        Message = Shorten(message);
        End(JobState.Failed, now);
    }

    public void Cancel(DateTimeOffset now)
    {
        Message = "Cancelled.";
        End(JobState.Cancelled, now);
    }

    public void RunEnded() => Change(() => RunEndPending = false);

    private void End(JobState state, DateTimeOffset now)
    {
        Move(state);
        EndTime = now;
        ProcessId = 0;
        Steps = [.. Steps.Select(step => step with { End = step.End ?? now })];
        // A worker that is done has finished its run itself.
        RunEndPending = state != JobState.Succeeded && TrainedModel is null && RunId.Length > 0;
        DropLease();
    }

    private void DropLease()
    {
        LeaseOwner = null;
        LeaseUntil = null;
    }

    private void Move(JobState to)
    {
        if (!JobStates.CanMove(State, to))
        {
            throw new InvalidOperationException($"Job {Id} is {State} and can't become {to}.");
        }

        State = to;
        Revision++;
    }

    private void Change(Action change)
    {
        change();
        Revision++;
    }

    private static string Shorten(string text) => text.Length <= MostMessageCharacters ? text : text[..(MostMessageCharacters - 1)] + "…";
}
