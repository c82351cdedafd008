using Grpc.Core;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Datasets;
using MLOpsLearn.Tracking.Experiments;
using MLOpsLearn.Tracking.Garbage;
using MLOpsLearn.Tracking.LoggedModels;
using MLOpsLearn.Tracking.Metrics;
using MLOpsLearn.Tracking.Search;
using MLOpsLearn.Tracking.Traces;

namespace MLOpsLearn.Tracking.Runs;

/// <summary>Hands each call to the feature that owns it.</summary>
internal sealed class TrackingGrpcService(
    ExperimentCatalog experiments,
    RunCatalog runs,
    RunSearchCall runSearch,
    LogBatchCall logBatch,
    InputCatalog inputs,
    MetricHistory history,
    Metrics.MetricHistories histories,
    LoggedModelCatalog models,
    TraceCatalog traces,
    ArtifactCatalog artifacts,
    GarbageCollection garbage)
    : Contracts.Tracking.V1.Tracking.TrackingBase
{
    public override Task<CollectGarbageResponse> CollectGarbage(CollectGarbageRequest request, ServerCallContext context) =>
        garbage.CollectAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> CreateExperiment(CreateExperimentRequest request, ServerCallContext context) =>
        experiments.CreateAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> GetExperiment(GetExperimentRequest request, ServerCallContext context) =>
        experiments.GetAsync(request.ExperimentId, context.CancellationToken);

    public override Task<ListExperimentsResponse> ListExperiments(ListExperimentsRequest request, ServerCallContext context) =>
        experiments.ListAsync(request, context.CancellationToken);

    public override Task<ListExperimentsResponse> SearchExperiments(SearchExperimentsRequest request, ServerCallContext context) =>
        experiments.SearchAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> UpdateExperiment(UpdateExperimentRequest request, ServerCallContext context) =>
        experiments.RenameAsync(request, context.CancellationToken);

    public override Task<DeleteExperimentResponse> DeleteExperiment(DeleteExperimentRequest request, ServerCallContext context) =>
        experiments.DeleteAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> RestoreExperiment(RestoreExperimentRequest request, ServerCallContext context) =>
        experiments.RestoreAsync(request.ExperimentId, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> SetExperimentTag(SetExperimentTagRequest request, ServerCallContext context) =>
        experiments.SetTagAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Experiment> DeleteExperimentTag(DeleteExperimentTagRequest request, ServerCallContext context) =>
        experiments.DeleteTagAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> CreateRun(CreateRunRequest request, ServerCallContext context) =>
        runs.CreateAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> GetRun(GetRunRequest request, ServerCallContext context) =>
        runs.GetAsync(request.RunId, context.CancellationToken);

    public override Task<ListRunsResponse> ListRuns(ListRunsRequest request, ServerCallContext context) =>
        runs.ListAsync(request, context.CancellationToken);

    public override Task<ListRunsResponse> SearchRuns(SearchRunsRequest request, ServerCallContext context) =>
        runSearch.FindAsync(request, context.CancellationToken);

    public override Task<CountRunsResponse> CountRuns(SearchRunsRequest request, ServerCallContext context) =>
        runSearch.CountAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> UpdateRun(UpdateRunRequest request, ServerCallContext context) =>
        runs.UpdateAsync(request, context.CancellationToken);

    public override Task<DeleteRunResponse> DeleteRun(DeleteRunRequest request, ServerCallContext context) =>
        runs.DeleteAsync(request.RunId, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> RestoreRun(RestoreRunRequest request, ServerCallContext context) =>
        runs.RestoreAsync(request.RunId, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> DeleteRunTag(DeleteRunTagRequest request, ServerCallContext context) =>
        runs.DeleteTagAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Run> FinishRun(FinishRunRequest request, ServerCallContext context) =>
        runs.FinishAsync(request, context.CancellationToken);

    public override Task<LogBatchResponse> LogBatch(LogBatchRequest request, ServerCallContext context) =>
        logBatch.RunAsync(request, context.CancellationToken);

    public override Task<ListMetricHistoryResponse> ListMetricHistory(ListMetricHistoryRequest request, ServerCallContext context) =>
        history.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.MetricHistories> ListMetricHistories(ListMetricHistoriesRequest request, ServerCallContext context) =>
        histories.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.MetricHistories> SampleMetricHistories(SampleMetricHistoriesRequest request, ServerCallContext context) =>
        histories.SampleAsync(request, context.CancellationToken);

    public override Task<LogInputsResponse> LogInputs(LogInputsRequest request, ServerCallContext context) =>
        inputs.LogInputsAsync(request, context.CancellationToken);

    public override Task<LogOutputsResponse> LogOutputs(LogOutputsRequest request, ServerCallContext context) =>
        inputs.LogOutputsAsync(request, context.CancellationToken);

    public override Task<SearchDatasetsResponse> SearchDatasets(SearchDatasetsRequest request, ServerCallContext context) =>
        inputs.SearchAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.LoggedModel> CreateLoggedModel(CreateLoggedModelRequest request, ServerCallContext context) =>
        models.CreateAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.LoggedModel> GetLoggedModel(GetLoggedModelRequest request, ServerCallContext context) =>
        models.GetAsync(request, context.CancellationToken);

    public override Task<SearchLoggedModelsResponse> SearchLoggedModels(SearchLoggedModelsRequest request, ServerCallContext context) =>
        models.SearchAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.LoggedModel> FinishLoggedModel(FinishLoggedModelRequest request, ServerCallContext context) =>
        models.FinishAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.LoggedModel> DescribeLoggedModel(DescribeLoggedModelRequest request, ServerCallContext context) =>
        models.DescribeAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.LoggedModel> DeleteLoggedModelTag(DeleteLoggedModelTagRequest request, ServerCallContext context) =>
        models.DeleteTagAsync(request, context.CancellationToken);

    public override Task<DeleteLoggedModelResponse> DeleteLoggedModel(DeleteLoggedModelRequest request, ServerCallContext context) =>
        models.DeleteAsync(request, context.CancellationToken);

    public override Task<ListArtifactsResponse> ListArtifacts(ListArtifactsRequest request, ServerCallContext context) =>
        artifacts.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Trace> RecordTrace(RecordTraceRequest request, ServerCallContext context) =>
        traces.RecordAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Trace> GetTrace(GetTraceRequest request, ServerCallContext context) =>
        traces.GetAsync(request.TraceId, context.CancellationToken);

    public override Task<SearchTracesResponse> SearchTraces(SearchTracesRequest request, ServerCallContext context) =>
        traces.SearchAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Trace> SetTraceTag(SetTraceTagRequest request, ServerCallContext context) =>
        traces.SetTagAsync(request, context.CancellationToken);

    public override Task<Contracts.Tracking.V1.Trace> DeleteTraceTag(DeleteTraceTagRequest request, ServerCallContext context) =>
        traces.DeleteTagAsync(request, context.CancellationToken);

    public override Task<DeleteTracesResponse> DeleteTraces(DeleteTracesRequest request, ServerCallContext context) =>
        traces.DeleteAsync(request, context.CancellationToken);
}
