using Grpc.Core;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Freezes;
using MLOpsLearn.Registry.Lineage;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Promotion;
using MLOpsLearn.Registry.Sources;
using MLOpsLearn.Registry.Versions;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry;

/// <summary>Hands each call to the feature that owns it.</summary>
internal sealed class RegistryGrpcService(
    ModelCatalog models,
    VersionCatalog versions,
    AliasBook aliases,
    PolicyBook policies,
    PromotionGate gate,
    EvaluationCatalog evaluations,
    LineageReader lineage,
    FreezeBook freezes,
    RegistryEdits edits,
    SourceRegistration sources,
    WebhookCalls webhooks)
    : Contracts.Registry.V1.Registry.RegistryBase
{
    public override Task<Model> CreateModel(CreateModelRequest request, ServerCallContext context) => models.CreateAsync(request, context.CancellationToken);

    public override Task<Model> GetModel(GetModelRequest request, ServerCallContext context) => models.GetAsync(request, context.CancellationToken);

    public override Task<ListModelsResponse> ListModels(ListModelsRequest request, ServerCallContext context) => models.ListAsync(request, context.CancellationToken);

    public override Task<ListModelsResponse> SearchModels(SearchRequest request, ServerCallContext context) => edits.SearchModelsAsync(request, context.CancellationToken);

    public override Task<Model> UpdateModel(UpdateModelRequest request, ServerCallContext context) => edits.UpdateModelAsync(request, context.CancellationToken);

    public override Task<Model> RenameModel(RenameModelRequest request, ServerCallContext context) => edits.RenameModelAsync(request, context.CancellationToken);

    public override Task<DeleteModelResponse> DeleteModel(DeleteModelRequest request, ServerCallContext context) =>
        edits.DeleteModelAsync(request, context.CancellationToken);

    public override Task<Model> SetModelTag(SetModelTagRequest request, ServerCallContext context) => edits.SetModelTagAsync(request, context.CancellationToken);

    public override Task<Model> DeleteModelTag(DeleteModelTagRequest request, ServerCallContext context) => edits.DeleteModelTagAsync(request, context.CancellationToken);

    public override Task<ListModelVersionsResponse> SearchModelVersions(SearchRequest request, ServerCallContext context) =>
        edits.SearchVersionsAsync(request, context.CancellationToken);

    public override Task<ModelVersion> UpdateModelVersion(UpdateModelVersionRequest request, ServerCallContext context) =>
        edits.UpdateVersionAsync(request, context.CancellationToken);

    public override Task<ModelVersion> MoveModelVersion(MoveModelVersionRequest request, ServerCallContext context) =>
        edits.MoveVersionAsync(request, context.CancellationToken);

    public override Task<DeleteModelVersionResponse> DeleteModelVersion(DeleteModelVersionRequest request, ServerCallContext context) =>
        edits.DeleteVersionAsync(request, context.CancellationToken);

    public override Task<ModelVersion> SetModelVersionTag(SetModelTagRequest request, ServerCallContext context) =>
        edits.SetVersionTagAsync(request, context.CancellationToken);

    public override Task<ModelVersion> DeleteModelVersionTag(DeleteModelTagRequest request, ServerCallContext context) =>
        edits.DeleteVersionTagAsync(request, context.CancellationToken);

    public override Task<DeleteAliasResponse> DeleteAlias(DeleteAliasRequest request, ServerCallContext context) =>
        edits.DeleteAliasAsync(request, context.CancellationToken);

    public override Task<ModelVersion> CreateModelVersion(CreateModelVersionRequest request, ServerCallContext context) =>
        versions.CreateAsync(request, context.CancellationToken);

    public override Task<ModelVersion> RegisterSource(RegisterSourceRequest request, ServerCallContext context) =>
        sources.RegisterAsync(request, context.CancellationToken);

    public override Task<ListModelVersionsResponse> GetLatestVersions(GetLatestVersionsRequest request, ServerCallContext context) =>
        edits.LatestVersionsAsync(request, context.CancellationToken);

    public override Task<Contracts.Registry.V1.Webhook> CreateWebhook(CreateWebhookRequest request, ServerCallContext context) =>
        webhooks.CreateAsync(request, context.CancellationToken);

    public override Task<Contracts.Registry.V1.Webhook> GetWebhook(GetWebhookRequest request, ServerCallContext context) =>
        webhooks.GetAsync(request.WebhookId, context.CancellationToken);

    public override Task<ListWebhooksResponse> ListWebhooks(ListWebhooksRequest request, ServerCallContext context) =>
        webhooks.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Registry.V1.Webhook> UpdateWebhook(UpdateWebhookRequest request, ServerCallContext context) =>
        webhooks.UpdateAsync(request, context.CancellationToken);

    public override Task<DeleteWebhookResponse> DeleteWebhook(DeleteWebhookRequest request, ServerCallContext context) =>
        webhooks.DeleteAsync(request.WebhookId, context.CancellationToken);

    public override Task<TestWebhookResponse> TestWebhook(TestWebhookRequest request, ServerCallContext context) =>
        webhooks.TestAsync(request, context.CancellationToken);

    public override Task<ListWebhookDeliveriesResponse> ListWebhookDeliveries(ListWebhookDeliveriesRequest request, ServerCallContext context) =>
        webhooks.ListDeliveriesAsync(request, context.CancellationToken);

    public override Task<Contracts.Registry.V1.WebhookDelivery> RetryWebhookDelivery(RetryWebhookDeliveryRequest request, ServerCallContext context) =>
        webhooks.RetryAsync(request, context.CancellationToken);

    public override Task<ModelVersion> GetModelVersion(GetModelVersionRequest request, ServerCallContext context) =>
        versions.GetAsync(request.Model, request.Version, context.CancellationToken);

    public override Task<ListModelVersionsResponse> ListModelVersions(ListModelVersionsRequest request, ServerCallContext context) =>
        versions.ListAsync(request, context.CancellationToken);

    public override Task<ModelVersion> ResolveAlias(ResolveAliasRequest request, ServerCallContext context) =>
        aliases.ResolveAsync(request.Model, request.Alias, context.CancellationToken);

    public override Task<ModelVersion> SetAlias(SetAliasRequest request, ServerCallContext context) => aliases.SetAsync(request, context.CancellationToken);

    public override Task<PromotionPolicy> PutPromotionPolicy(PutPromotionPolicyRequest request, ServerCallContext context) =>
        policies.PutAsync(request, context.CancellationToken);

    public override Task<PromotionPolicy> GetPromotionPolicy(GetPromotionPolicyRequest request, ServerCallContext context) =>
        policies.GetAsync(request.Model, context.CancellationToken);

    public override Task<Evaluation> EvaluateModelVersion(EvaluateModelVersionRequest request, ServerCallContext context) =>
        gate.EvaluateAsync(request, context.CancellationToken);

    public override Task<Evaluation> GetEvaluation(GetEvaluationRequest request, ServerCallContext context) =>
        evaluations.GetAsync(request.EvaluationId, context.CancellationToken);

    public override Task<ListEvaluationsResponse> ListEvaluations(ListEvaluationsRequest request, ServerCallContext context) =>
        evaluations.ListAsync(request, context.CancellationToken);

    public override Task<Contracts.Registry.V1.Lineage> GetLineage(GetLineageRequest request, ServerCallContext context) =>
        lineage.ReadAsync(request, context.CancellationToken);

    public override Task<FreezeState> Freeze(FreezeRequest request, ServerCallContext context) => freezes.FreezeAsync(request, context.CancellationToken);

    public override Task<FreezeState> Unfreeze(UnfreezeRequest request, ServerCallContext context) => freezes.LiftAsync(request, context.CancellationToken);

    public override Task<ListFreezesResponse> ListFreezes(ListFreezesRequest request, ServerCallContext context) =>
        freezes.ListAsync(request, context.CancellationToken);

    public override Task<AuthorizeAutomationResponse> AuthorizeAutomation(AuthorizeAutomationRequest request, ServerCallContext context) =>
        freezes.AuthorizeAsync(request, context.CancellationToken);
}
