using Grpc.Core;
using MLOpsLearn.Contracts.Training.V1;
using MLOpsLearn.Training.Jobs;
using MLOpsLearn.Training.Pipelines;
using MLOpsLearn.Training.Retraining;

namespace MLOpsLearn.Training;

/// <summary>The public contract, handed to the features that keep it.</summary>
internal sealed class TrainingGrpcService(PipelineCatalog pipelines, JobDesk jobs, DecisionDesk decisions)
    : Contracts.Training.V1.Training.TrainingBase
{
    public override Task<Pipeline> PutPipeline(PutPipelineRequest request, ServerCallContext context) =>
        pipelines.PutAsync(request, context.CancellationToken);

    public override Task<Pipeline> GetPipeline(GetPipelineRequest request, ServerCallContext context) =>
        pipelines.GetAsync(request, context.CancellationToken);

    public override Task<ListPipelinesResponse> ListPipelines(ListPipelinesRequest request, ServerCallContext context) =>
        pipelines.ListAsync(request, context.CancellationToken);

    public override Task<Job> StartJob(StartJobRequest request, ServerCallContext context) => jobs.StartAsync(request, context.CancellationToken);

    public override Task<Job> GetJob(GetJobRequest request, ServerCallContext context) => jobs.GetAsync(request.JobId, context.CancellationToken);

    public override Task<ListJobsResponse> ListJobs(ListJobsRequest request, ServerCallContext context) =>
        jobs.ListAsync(request, context.CancellationToken);

    public override Task<Job> CancelJob(CancelJobRequest request, ServerCallContext context) =>
        jobs.CancelAsync(request.JobId, context.CancellationToken);

    public override Task WatchJob(WatchJobRequest request, IServerStreamWriter<Job> responseStream, ServerCallContext context) =>
        jobs.WatchAsync(request.JobId, responseStream, context.CancellationToken);

    public override Task<ListDecisionsResponse> ListDecisions(ListDecisionsRequest request, ServerCallContext context) =>
        decisions.ListAsync(request, context.CancellationToken);
}
