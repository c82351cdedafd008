using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Worker;

/// <summary>Tells the service each step, and by a slow beat that the work goes on. Ends the process when the service says stop or is gone for long.</summary>
internal sealed class Progress(TrainingWorker.TrainingWorkerClient service, string jobId, TimeProvider time)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly Lock _lock = new();
    private readonly List<JobStep> _steps = [];
    private readonly SemaphoreSlim _changed = new(0);
    private string _runId = "";
    private Timestamp? _fitStart;
    private Timestamp? _fitEnd;

    public IReadOnlyList<JobStep> Steps
    {
        get
        {
            lock (_lock)
            {
                return [.. _steps.Select(step => step.Clone())];
            }
        }
    }

    public void Run(string runId) => Change(() => _runId = runId);

    public void Begin(string step) => Change(() => _steps.Add(new JobStep { Name = step, StartTime = Now() }));

    public void End(string message) => Change(() =>
    {
        _steps[^1].EndTime = Now();
        _steps[^1].Message = message;
    });

    public void FitBegan(DateTimeOffset at) => Change(() => _fitStart = Timestamp.FromDateTimeOffset(at));

    public void FitEnded(DateTimeOffset at) => Change(() => _fitEnd = Timestamp.FromDateTimeOffset(at));

    /// <summary>The last report goes with the result.</summary>
    public void Fill(CompleteAssignmentRequest request)
    {
        lock (_lock)
        {
            request.RunId = _runId;
            request.Steps.AddRange(_steps.Select(step => step.Clone()));
            request.FitStartTime = _fitStart;
            request.FitEndTime = _fitEnd;
        }
    }

    public async Task ReportUntilDoneAsync(CancellationToken cancellationToken)
    {
        var lastAnswer = time.GetUtcNow();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var answer = await service.ReportProgressAsync(Snapshot(), deadline: time.GetUtcNow().UtcDateTime.AddSeconds(10), cancellationToken: cancellationToken);
                lastAnswer = time.GetUtcNow();
                if (answer.Stop)
                {
                    ParentWatch.EndNow();
                }
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.PermissionDenied or StatusCode.NotFound)
            {
                // Another attempt has the job.
                ParentWatch.EndNow();
            }
            catch (RpcException) when (!cancellationToken.IsCancellationRequested)
            {
                if (time.GetUtcNow() - lastAnswer > Patience)
                {
                    ParentWatch.EndNow();
                }
            }

            await _changed.WaitAsync(Beat, cancellationToken);
        }
    }

    private ReportProgressRequest Snapshot()
    {
        lock (_lock)
        {
            var request = new ReportProgressRequest { JobId = jobId, RunId = _runId, FitStartTime = _fitStart, FitEndTime = _fitEnd };
            request.Steps.AddRange(_steps.Select(step => step.Clone()));
            return request;
        }
    }

    private Timestamp Now() => Timestamp.FromDateTimeOffset(time.GetUtcNow());

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }

        _changed.Release();
    }
}
