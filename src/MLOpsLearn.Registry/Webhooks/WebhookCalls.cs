using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Registry.Data;
using V1 = MLOpsLearn.Contracts.Registry.V1;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>The native contract's way to webhooks.</summary>
internal sealed class WebhookCalls(WebhookBook book, RegistryDbContext context, TimeProvider time)
{
    /// <exception cref="RpcException">INVALID_ARGUMENT.</exception>
    public async Task<V1.Webhook> CreateAsync(CreateWebhookRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).ThrowIfAny();
        var draft = new WebhookDraft
        {
            Name = request.Name,
            Description = request.Description.Length > 0 ? request.Description : null,
            Url = request.Url,
            Events = request.Events,
            Secret = request.Secret,
            IsActive = !request.Disabled,
        };
        await book.CheckAsync(draft, cancellationToken);
        // Of the request a digest is kept, from which a short secret could be guessed.
        var known = new CreateWebhookRequest(request) { Secret = request.Secret.Length > 0 ? "set" : "" };
        return await context.RunOnceAsync(
            request.RequestId, known, time, async token => Show(await book.AddAsync(draft, token)), cancellationToken);
    }

    public async Task<V1.Webhook> GetAsync(string id, CancellationToken cancellationToken) => Show(await book.FindAsync(id, cancellationToken));

    public async Task<ListWebhooksResponse> ListAsync(ListWebhooksRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var skip = PageToken.DecodeNumber(request.PageToken) is { } given
            ? given is >= 0 and <= int.MaxValue ? (int)given : throw RpcErrors.Invalid("page_token", request.PageToken, "must be the next_page_token of an earlier answer")
            : 0;
        var page = await book.ListAsync(skip, size + 1, cancellationToken);
        return new ListWebhooksResponse
        {
            Webhooks = { page.Take(size).Select(Show) },
            NextPageToken = page.Count > size ? PageToken.Encode(skip + (long)size) : "",
        };
    }

    public async Task<V1.Webhook> UpdateAsync(UpdateWebhookRequest request, CancellationToken cancellationToken) => Show(await book.UpdateAsync(
        request.WebhookId,
        new WebhookDraft
        {
            Name = request.HasName ? request.Name : null,
            Description = request.HasDescription ? request.Description : null,
            Url = request.HasUrl ? request.Url : null,
            Events = request.Events.Count > 0 ? request.Events : null,
            Secret = request.HasSecret ? request.Secret : null,
            IsActive = request.HasDisabled ? !request.Disabled : null,
        },
        cancellationToken));

    public async Task<DeleteWebhookResponse> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        await book.DeleteAsync(id, cancellationToken);
        return new DeleteWebhookResponse();
    }

    public async Task<TestWebhookResponse> TestAsync(TestWebhookRequest request, CancellationToken cancellationToken)
    {
        var answer = await book.TestAsync(request.WebhookId, request.Event.Length > 0 ? request.Event : null, cancellationToken);
        return new TestWebhookResponse { Success = answer.IsDelivered, ResponseStatus = answer.Status ?? 0, ResponseBody = answer.Body, Error = answer.Error ?? "" };
    }

    public async Task<ListWebhookDeliveriesResponse> ListDeliveriesAsync(ListWebhookDeliveriesRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var page = await book.HistoryAsync(request.WebhookId, PageToken.DecodeText(request.PageToken) ?? "", size + 1, cancellationToken);
        return new ListWebhookDeliveriesResponse
        {
            Deliveries = { page.Take(size).Select(Show) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Id) : "",
        };
    }

    public async Task<V1.WebhookDelivery> RetryAsync(RetryWebhookDeliveryRequest request, CancellationToken cancellationToken) =>
        Show(await book.RepeatAsync(request.WebhookId, request.DeliveryId, cancellationToken));

    private static V1.Webhook Show(Webhook webhook) => new()
    {
        WebhookId = webhook.Id,
        Name = webhook.Name,
        Description = webhook.Description ?? "",
        Url = webhook.Url,
        Events = { webhook.EventNames },
        Disabled = !webhook.IsActive,
        HasSecret = webhook.Secret is not null,
        CreateTime = webhook.CreatedAt.ToTimestamp(),
        UpdateTime = webhook.UpdatedAt.ToTimestamp(),
    };

    private static V1.WebhookDelivery Show(WebhookDelivery delivery) => new()
    {
        DeliveryId = delivery.Id,
        Event = delivery.Event,
        Status = delivery.State switch
        {
            DeliveryState.Delivered => WebhookDeliveryStatus.Delivered,
            DeliveryState.Failed => WebhookDeliveryStatus.Failed,
            _ => WebhookDeliveryStatus.Pending,
        },
        Attempts = delivery.Attempts,
        ResponseStatus = delivery.ResponseStatus ?? 0,
        Error = delivery.Error ?? "",
        CreateTime = delivery.CreatedAt.ToTimestamp(),
        FinishTime = delivery.FinishedAt?.ToTimestamp(),
        NextAttemptTime = delivery.State == DeliveryState.Pending ? delivery.NextAttemptAt.ToTimestamp() : null,
    };
}
