using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Garbage;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Search;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Hands each call to the feature that owns it.</summary>
internal sealed class TrackingGrpcService(
    ExperimentCatalog experiments, RunCatalog runs, RunSearchCall runSearch, LogBatchCall logBatch, MetricHistory history, ArtifactCatalog artifacts, GarbageCollection garbage)
    : Contracts.Tracking.V1.Tracking.TrackingBase
{
    public override Task<CollectGarbageResponse> CollectGarbage(CollectGarbageRequest request, ServerCallContext context) =>
        garbage.CollectAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> CreateExperiment(CreateExperimentRequest request, ServerCallContext context) =>
        experiments.CreateAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> GetExperiment(GetExperimentRequest request, ServerCallContext context) =>
        experiments.GetAsync(request, context.CancellationToken);

    public override Task<ListExperimentsResponse> ListExperiments(ListExperimentsRequest request, ServerCallContext context) =>
        experiments.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> CreateRun(CreateRunRequest request, ServerCallContext context) =>
        runs.CreateAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> GetRun(GetRunRequest request, ServerCallContext context) =>
        runs.GetAsync(request.RunId, context.CancellationToken);

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) =>
        runs.ListAsync(request, context.CancellationToken);

    public override Task<ListRunsResponse> SearchRuns(SearchRunsRequest request, ServerCallContext context) =>
        runSearch.FindAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> FinishRun(FinishRunRequest request, ServerCallContext context) =>
        runs.FinishAsync(request, context.CancellationToken);

    public override Task<LogBatchResponse> LogBatch(LogBatchRequest request, ServerCallContext context) =>
        logBatch.RunAsync(request, context.CancellationToken);

    public override Task<ListMetricHistoryResponse> ListMetricHistory(ListMetricHistoryRequest request, ServerCallContext context) =>
        history.ListAsync(request, context.CancellationToken);

    public override Task<ListArtifactsResponse> ListArtifacts(ListArtifactsRequest request, ServerCallContext context) =>
        artifacts.ListAsync(request, context.CancellationToken);
}
