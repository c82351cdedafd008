using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Inference.V1;
using MLOpsLearn.Inference.Capture;
using MLOpsLearn.Inference.Endpoints;
using MLOpsLearn.Inference.Prediction;

namespace MLOpsLearn.Inference;

/// <summary>Hands each call to the feature that owns it. One instance for all calls: a prediction needs no scope and no database.</summary>
internal sealed class InferenceGrpcService(
    IServiceScopeFactory scopes, Predictor predictor, NewcomerLookup newcomers, CaptureBuffer capture) : Contracts.Inference.V1.Inference.InferenceBase
{
    public override Task<Endpoint> CreateEndpoint(CreateEndpointRequest request, ServerCallContext context) =>
        WithCatalogAsync(endpoints => endpoints.CreateAsync(request, context.CancellationToken));

    public override Task<Endpoint> GetEndpoint(GetEndpointRequest request, ServerCallContext context) =>
        WithCatalogAsync(endpoints => endpoints.GetAsync(request.Name, context.CancellationToken));

    public override Task<ListEndpointsResponse> ListEndpoints(ListEndpointsRequest request, ServerCallContext context) =>
        WithCatalogAsync(endpoints => endpoints.ListAsync(request, context.CancellationToken));

    public override Task<Endpoint> SetShadows(SetShadowsRequest request, ServerCallContext context) =>
        WithCatalogAsync(endpoints => endpoints.SetShadowsAsync(request, context.CancellationToken));

    public override Task<DeleteEndpointResponse> DeleteEndpoint(DeleteEndpointRequest request, ServerCallContext context) =>
        WithCatalogAsync(async endpoints =>
        {
            await endpoints.DeleteAsync(request.Name, context.CancellationToken);
            return new DeleteEndpointResponse();
        });

    public override Task<ListDeploymentsResponse> ListDeployments(ListDeploymentsRequest request, ServerCallContext context) =>
        WithCatalogAsync(endpoints => endpoints.ListDeploymentsAsync(request, context.CancellationToken));

    public override Task<PredictResponse> Predict(PredictRequest request, ServerCallContext context)
    {
        // The gateway repeats a call whose connection broke: under the id that it gave, so that the rows count once.
        if (request.Id.Length == 0 && context.RequestHeaders.GetValue(PredictionIds.Header) is { } id)
        {
            request.Id = id;
        }

        return newcomers.MayBeNew(request.Endpoint) ? PredictByNewcomerAsync(request, context.CancellationToken) : Task.FromResult(Answer(request));
    }

    public override Task<CaptureStatus> GetCaptureStatus(GetCaptureStatusRequest request, ServerCallContext context) =>
        WithCatalogAsync(async endpoints => capture.StatusOf((await endpoints.FindAsync(request.Endpoint, context.CancellationToken)).Name));

    private async Task<PredictResponse> PredictByNewcomerAsync(PredictRequest request, CancellationToken cancellationToken)
    {
        await newcomers.LookAsync(request.Endpoint, cancellationToken);
        return Answer(request);
    }

    private PredictResponse Answer(PredictRequest request)
    {
        try
        {
            return predictor.Predict(request);
        }
        catch (RpcException exception)
        {
            InferenceTelemetry.Refused(exception.StatusCode);
            throw;
        }
    }

    private async Task<T> WithCatalogAsync<T>(Func<EndpointCatalog, Task<T>> call)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await call(scope.ServiceProvider.GetRequiredService<EndpointCatalog>());
    }
}
