using System.Collections.Concurrent;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Tracking.V1;

namespace MLOpsLearn.Training.Tests.Fakes;

/// <summary>Tracking in memory: what training and its worker call, with request ids kept to.</summary>
internal sealed class FakeTracking : Tracking.TrackingBase
{
    private readonly ConcurrentDictionary<string, Run> _byRequest = new();
    private readonly ConcurrentDictionary<string, Experiment> _experiments = new();

    public ConcurrentDictionary<string, Run> Runs { get; } = new();

    public ConcurrentDictionary<string, byte[]> Artifacts { get; } = new();

    /// <summary>Holds the end of a run back.</summary>
    public TaskCompletionSource? PauseAtEnd { get; set; }

    public override Task<ListExperimentsResponse> ListExperiments(ListExperimentsRequest request, ServerCallContext context)
    {
        var answer = new ListExperimentsResponse();
        answer.Experiments.AddRange(_experiments.Values.Where(experiment => experiment.Name == request.Name));
        return Task.FromResult(answer);
    }

    public override Task<Experiment> CreateExperiment(CreateExperimentRequest request, ServerCallContext context)
    {
        var experiment = new Experiment { ExperimentId = _experiments.Count + 1, Name = request.Name };
        return _experiments.TryAdd(request.Name, experiment)
            ? Task.FromResult(experiment)
            : throw RpcErrors.AlreadyExists("experiment", request.Name, "");
    }

    public override Task<Run> CreateRun(CreateRunRequest request, ServerCallContext context) =>
        Task.FromResult(_byRequest.GetOrAdd(request.RequestId, _ =>
        {
            var run = new Run { RunId = Guid.CreateVersion7().ToString("N"), Name = request.Name, Status = RunStatus.Running };
            run.Tags.Add(request.Tags);
            Runs[run.RunId] = run;
            return run;
        }));

    public override Task<Run> GetRun(GetRunRequest request, ServerCallContext context) =>
        Task.FromResult(Runs.GetValueOrDefault(request.RunId) ?? throw RpcErrors.NotFound("run", request.RunId));

    public override async Task<Run> FinishRun(FinishRunRequest request, ServerCallContext context)
    {
        await (PauseAtEnd?.Task.WaitAsync(context.CancellationToken) ?? Task.CompletedTask);
        var run = Runs.GetValueOrDefault(request.RunId) ?? throw RpcErrors.NotFound("run", request.RunId);
        if (run.Status != RunStatus.Running && run.Status != request.Status)
        {
            throw RpcErrors.FailedPrecondition("RUN_ENDED", run.RunId, "The run has ended.");
        }

        run.Status = request.Status;
        return run;
    }

    public override Task<LogBatchResponse> LogBatch(LogBatchRequest request, ServerCallContext context)
    {
        var run = Runs.GetValueOrDefault(request.RunId) ?? throw RpcErrors.NotFound("run", request.RunId);
        foreach (var (key, value) in request.Params)
        {
            if (run.Params.TryGetValue(key, out var known) && known != value)
            {
                throw RpcErrors.Invalid($"params[{key}]", value, $"was logged as {known}");
            }

            run.Params[key] = value;
        }

        foreach (var (key, value) in request.Tags)
        {
            run.Tags[key] = value;
        }

        run.Metrics.Add(request.Metrics);
        run.Datasets.Add(request.Datasets);
        return Task.FromResult(new LogBatchResponse());
    }
}
