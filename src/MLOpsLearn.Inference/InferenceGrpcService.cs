using Grpc.Core;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;

namespace MLOpsLearn.Inference;

/// <summary>Hands each call to the feature that owns it.</summary>
internal sealed class InferenceGrpcService(EndpointCatalog endpoints, Predictor predictor, CaptureBuffer capture) : Contracts.Inference.V1.Inference.InferenceBase
{
    public override Task<Endpoint> CreateEndpoint(CreateEndpointRequest request, ServerCallContext context) => endpoints.CreateAsync(request, context.CancellationToken);

    public override Task<Endpoint> GetEndpoint(GetEndpointRequest request, ServerCallContext context) => endpoints.GetAsync(request.Name, context.CancellationToken);

    public override Task<ListEndpointsResponse> ListEndpoints(ListEndpointsRequest request, ServerCallContext context) => endpoints.ListAsync(request, context.CancellationToken);

    public override Task<Endpoint> SetShadows(SetShadowsRequest request, ServerCallContext context) => endpoints.SetShadowsAsync(request, context.CancellationToken);

    public override async Task<DeleteEndpointResponse> DeleteEndpoint(DeleteEndpointRequest request, ServerCallContext context)
    {
        await endpoints.DeleteAsync(request.Name, context.CancellationToken);
        return new DeleteEndpointResponse();
    }

    public override Task<ListDeploymentsResponse> ListDeployments(ListDeploymentsRequest request, ServerCallContext context) =>
        endpoints.ListDeploymentsAsync(request, context.CancellationToken);

    public override Task<PredictResponse> Predict(PredictRequest request, ServerCallContext context) => Task.FromResult(predictor.Predict(request));

    public override async Task<CaptureStatus> GetCaptureStatus(GetCaptureStatusRequest request, ServerCallContext context)
    {
        var endpoint = await endpoints.FindAsync(request.Endpoint, context.CancellationToken);
        return capture.StatusOf(endpoint.Name);
    }
}
