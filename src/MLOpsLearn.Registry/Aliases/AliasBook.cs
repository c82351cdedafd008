using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Versions;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Aliases;

/// <summary>Who holds which alias.</summary>
internal sealed partial class AliasBook(RegistryDbContext context, ModelCatalog models, VersionCatalog versions, WebhookQueue webhooks, TimeProvider time)
{
    public const string Champion = "champion";

    public const int MaxLength = 255;

    public async Task<ModelVersion> ResolveAsync(string model, string alias, CancellationToken cancellationToken)
    {
        CheckAlias(alias).ModelName("model", model).ThrowIfAny();
        var holder = await FindAsync(model, alias, cancellationToken) ?? throw RpcErrors.NotFound("alias", $"{model}@{alias}");
        return await versions.GetAsync(model, holder.Version, cancellationToken);
    }

    public async Task<ModelVersion> SetAsync(SetAliasRequest request, CancellationToken cancellationToken)
    {
        CheckAlias(request.Alias).RequestId(request.RequestId).Text("reason", request.Reason, 2000, required: false).ThrowIfAny();
        await versions.FindAsync(request.Model, request.Version, cancellationToken);
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                await MoveAsync(request.Model, request.Alias, request.Version, request.Reason, "", token);
                await context.SaveChangesAsync(token);
                return await versions.GetAsync(request.Model, request.Version, token);
            },
            cancellationToken);
    }

    /// <summary>Points an alias at a version, in one transaction.</summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND for a model or version that there isn't.</exception>
    public Task PointAsync(string model, string alias, int version, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(model, isChanged: false, token);
            await versions.FindAsync(model, version, token);
            await MoveAsync(model, alias, version, "set by a client", "", token);
            return true;
        },
        cancellationToken);

    /// <summary>The holder, tracked; null when the model has no such alias.</summary>
    public Task<AliasHolder?> FindAsync(string model, string alias, CancellationToken cancellationToken) => context.Aliases
        .FirstOrDefaultAsync(holder => holder.Workspace == Workspaces.Default && holder.Model == model && holder.Alias == alias, cancellationToken);

    /// <summary>Moves an alias within the caller's transaction, with its event.</summary>
    public async Task MoveAsync(string model, string alias, int version, string reason, string evaluationId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var holder = await FindAsync(model, alias, cancellationToken);
        var previous = holder?.Version ?? 0;
        if (holder is null)
        {
            context.Aliases.Add(new AliasHolder { Workspace = Workspaces.Default, Model = model, Alias = alias, Version = version, UpdatedAt = now });
        }
        else
        {
            (holder.Version, holder.UpdatedAt) = (version, now);
        }

        if (previous != version)
        {
            context.PublishOnSave(new ModelAliasChanged(Workspaces.Default, model, alias, version, previous, reason, evaluationId, now), time);
            RegistryTelemetry.AliasMoved(byGate: evaluationId.Length > 0);
            await webhooks.AddAsync(RegistryNews.AliasCreated(await models.IsPromptAsync(model, cancellationToken), model, alias, version), cancellationToken);
        }
    }

    /// <summary>Takes an alias from whoever holds it; one that nobody holds is no fault. NOT_FOUND for a model that there isn't.</summary>
    public Task RemoveAsync(string model, string alias, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(model, isChanged: false, token);
            return await FindAsync(model, alias, token) is { } holder && await DropAsync(holder, "the alias was removed", token);
        },
        cancellationToken);

    /// <summary>Removes the aliases of a version that goes, within the caller's transaction.</summary>
    public async Task DropAllAsync(string model, int version, CancellationToken cancellationToken)
    {
        foreach (var holder in await context.Aliases
            .Where(holder => holder.Workspace == Workspaces.Default && holder.Model == model && holder.Version == version).ToListAsync(cancellationToken))
        {
            await DropAsync(holder, "the version was deleted", cancellationToken);
        }
    }

    private async Task<bool> DropAsync(AliasHolder holder, string reason, CancellationToken cancellationToken)
    {
        context.Aliases.Remove(holder);
        context.PublishOnSave(new ModelAliasChanged(holder.Workspace, holder.Model, holder.Alias, 0, holder.Version, reason, "", time.GetUtcNow()), time);
        await webhooks.AddAsync(RegistryNews.AliasDeleted(await models.IsPromptAsync(holder.Model, cancellationToken), holder.Model, holder.Alias), cancellationToken);
        return true;
    }

    public static FieldChecks CheckAlias(string alias) =>
        new FieldChecks().Matches("alias", alias, Form(), "must be letters, digits, '.', '_' or '-', at most 255, not beginning with a dot");

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}\\z")]
    private static partial Regex Form();
}
