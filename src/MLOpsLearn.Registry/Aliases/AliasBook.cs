using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Events;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Messaging.Outbox;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Aliases;

/// <summary>Who holds which alias.</summary>
internal sealed partial class AliasBook(RegistryDbContext context, VersionCatalog versions, TimeProvider time)
{
    public const string Champion = "champion";

    public async Task<ModelVersion> ResolveAsync(string model, string alias, CancellationToken cancellationToken)
    {
        CheckAlias(alias).Name("model", model).ThrowIfAny();
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
        }
    }

    public static FieldChecks CheckAlias(string alias) =>
        new FieldChecks().Matches("alias", alias, Form(), "must be lower-case letters, digits, '.', '_' or '-', at most 100, beginning with a letter or digit");

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,99}\\z")]
    private static partial Regex Form();
}
