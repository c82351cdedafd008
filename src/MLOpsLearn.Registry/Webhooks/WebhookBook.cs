using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;

namespace MLOpsLearn.Registry.Webhooks;

/// <summary>Which webhooks there are, and what became of their deliveries.</summary>
internal sealed partial class WebhookBook(
    RegistryDbContext context, WebhookHosts hosts, WebhookSender sender, WebhookSecrets secrets, IOptions<WebhookOptions> options, TimeProvider time)
{
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public async Task<Webhook> CreateAsync(WebhookDraft draft, CancellationToken cancellationToken)
    {
        var complete = draft with { Name = draft.Name ?? "", Url = draft.Url ?? "", Events = draft.Events ?? [] };
        await CheckAsync(complete, cancellationToken);
        return await AddAsync(complete, cancellationToken);
    }

    /// <summary>Stores a webhook that was checked: name, url and events are given.</summary>
    public async Task<Webhook> AddAsync(WebhookDraft draft, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.NewGuid().ToString();
        var webhook = new Webhook
        {
            Id = id,
            Workspace = Workspaces.Default,
            Name = draft.Name!,
            Description = draft.Description,
            Url = draft.Url!,
            Events = string.Join(',', draft.Events!.Distinct()),
            Secret = secrets.Protect(id, draft.Secret),
            IsSecretProtected = true,
            IsActive = draft.IsActive ?? true,
            CreatedAt = now,
            UpdatedAt = now,
        };
        context.Webhooks.Add(webhook);
        await context.SaveChangesAsync(cancellationToken);
        return webhook;
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND, INVALID_ARGUMENT.</exception>
    public async Task<Webhook> UpdateAsync(string id, WebhookDraft draft, CancellationToken cancellationToken)
    {
        var webhook = await FindAsync(id, cancellationToken);
        await CheckAsync(draft, cancellationToken);
        webhook.Name = draft.Name ?? webhook.Name;
        webhook.Description = draft.Description ?? webhook.Description;
        webhook.Url = draft.Url ?? webhook.Url;
        webhook.Events = draft.Events is { } events ? string.Join(',', events.Distinct()) : webhook.Events;
        if (draft.Secret is { } secret)
        {
            (webhook.Secret, webhook.IsSecretProtected) = (secrets.Protect(webhook.Id, secret), true);
        }

        webhook.IsActive = draft.IsActive ?? webhook.IsActive;
        webhook.UpdatedAt = time.GetUtcNow();
        await context.SaveChangesAsync(cancellationToken);
        return webhook;
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken)
    {
        context.Webhooks.Remove(await FindAsync(id, cancellationToken));
        await context.SaveChangesAsync(cancellationToken);
        await context.WebhookDeliveries.Where(delivery => delivery.WebhookId == id).ExecuteDeleteAsync(cancellationToken);
    }

    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<Webhook> FindAsync(string id, CancellationToken cancellationToken) =>
        (ModelNames.IsText(id)
            ? await context.Webhooks.FirstOrDefaultAsync(webhook => webhook.Workspace == Workspaces.Default && webhook.Id == id, cancellationToken)
            : null) ?? throw RpcErrors.NotFound("webhook", id);

    /// <summary>The newest first.</summary>
    public Task<List<Webhook>> ListAsync(int skip, int take, CancellationToken cancellationToken) => context.Webhooks.AsNoTracking()
        .Where(webhook => webhook.Workspace == Workspaces.Default)
        .OrderByDescending(webhook => webhook.CreatedAt).ThenBy(webhook => webhook.Id).Skip(skip).Take(take).ToListAsync(cancellationToken);

    /// <summary>Calls a webhook with an example, now and once.</summary>
    /// <param name="id">The webhook.</param>
    /// <param name="eventName">The event to play; null for the first that the webhook asked for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND, INVALID_ARGUMENT for an event that there isn't.</exception>
    public async Task<WebhookAnswer> TestAsync(string id, string? eventName, CancellationToken cancellationToken)
    {
        var webhook = await FindAsync(id, cancellationToken);
        eventName ??= webhook.EventNames.First();
        var news = RegistryNews.Examples.GetValueOrDefault(eventName) ?? throw RpcErrors.Invalid("event", eventName, "must be an event that webhooks can be told of");
        return await sender.SendAsync(webhook, Guid.NewGuid().ToString(), WebhookQueue.BodyOf(news, time.GetUtcNow()), cancellationToken);
    }

    /// <summary>Deliveries of a webhook, newest first, before the id that <paramref name="before"/> names when it is not empty.</summary>
    public async Task<List<WebhookDelivery>> HistoryAsync(string id, string before, int take, CancellationToken cancellationToken)
    {
        await FindAsync(id, cancellationToken);
        var all = context.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.WebhookId == id);
        return await (before.Length > 0 ? all.Where(delivery => string.Compare(delivery.Id, before) < 0) : all)
            .OrderByDescending(delivery => delivery.Id).Take(take).ToListAsync(cancellationToken);
    }

    /// <summary>Makes a delivery due again, whatever became of it.</summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<WebhookDelivery> RepeatAsync(string id, string deliveryId, CancellationToken cancellationToken)
    {
        await FindAsync(id, cancellationToken);
        var delivery = (ModelNames.IsText(deliveryId)
            ? await context.WebhookDeliveries.FirstOrDefaultAsync(row => row.WebhookId == id && row.Id == deliveryId, cancellationToken)
            : null) ?? throw RpcErrors.NotFound("webhook delivery", deliveryId);
        (delivery.State, delivery.NextAttemptAt, delivery.Attempts, delivery.FinishedAt) = (DeliveryState.Pending, time.GetUtcNow(), 0, null);
        await context.SaveChangesAsync(cancellationToken);
        return delivery;
    }

    /// <summary>Encrypts the secrets that a build before their encryption stored as they came.</summary>
    public async Task ProtectOldSecretsAsync(CancellationToken cancellationToken)
    {
        foreach (var webhook in await context.Webhooks.AsNoTracking().Where(webhook => webhook.Secret != null && !webhook.IsSecretProtected).ToListAsync(cancellationToken))
        {
            var stored = secrets.Protect(webhook.Id, webhook.Secret);
            // One that was changed meanwhile has the new secret already, encrypted.
            await context.Webhooks.Where(row => row.Id == webhook.Id && !row.IsSecretProtected && row.Secret == webhook.Secret).ExecuteUpdateAsync(
                set => set.SetProperty(row => row.Secret, stored).SetProperty(row => row.IsSecretProtected, true), cancellationToken);
        }
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT for what is given and wrong.</exception>
    public async Task CheckAsync(WebhookDraft draft, CancellationToken cancellationToken)
    {
        var checks = new FieldChecks();
        if (draft.Name is { } name)
        {
            checks.Matches("name", name, NameForm(), "must be 1 to 63 letters, digits, '.', '_' or '-', with a letter or digit at both ends");
        }

        if (draft.Events is { } events)
        {
            checks.Require(events.Count > 0, "events", "", "must name at least one event");
            foreach (var wanted in events)
            {
                checks.Require(RegistryNews.Examples.ContainsKey(wanted), "events", wanted, "must be an event that webhooks can be told of");
            }
        }

        checks.Require(draft.Secret is null || (draft.Secret.Length <= 1000 && ModelNames.IsText(draft.Secret)), "secret", "(not shown)", "must have at most 1000 characters")
            .Require(draft.Description is null || ModelNames.IsText(draft.Description), "description", draft.Description, "must not contain NUL")
            .ThrowIfAny();
        if (draft.Url is { } url)
        {
            await CheckUrlAsync(url, cancellationToken);
        }
    }

    private async Task CheckUrlAsync(string url, CancellationToken cancellationToken)
    {
        var schemes = options.Value.AllowHttp ? "http or https" : "https";
        if (url.Length > 2000 || !ModelNames.IsText(url) || !Uri.TryCreate(url, UriKind.Absolute, out var uri)
            || !(uri.Scheme == Uri.UriSchemeHttps || (options.Value.AllowHttp && uri.Scheme == Uri.UriSchemeHttp)) || uri.IdnHost.Length == 0)
        {
            throw RpcErrors.Invalid("url", url, $"must be an absolute address with the scheme {schemes}");
        }

        if (options.Value.AllowPrivateAddresses)
        {
            // Any address will do, so none need be known yet.
            return;
        }

        try
        {
            await hosts.FindAsync(uri.IdnHost, cancellationToken);
        }
        catch (HostRefusedException exception)
        {
            throw RpcErrors.Invalid("url", url, $"must name a host on the public internet. {exception.Message}");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\\z")]
    private static partial Regex NameForm();
}
