using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Brings versions into service: asks the registry, loads, stores the deployment with its event, swaps.</summary>
internal sealed class EndpointActivator(
    InferenceDbContext context, Contracts.Registry.V1.Registry.RegistryClient registry, ModelLoader loader, EndpointTable table, TimeProvider time)
{
    private static readonly TimeSpan CallDeadline = TimeSpan.FromSeconds(10);

    /// <exception cref="ModelUnusableException">The model has no such alias, or the registry can't be reached.</exception>
    public async Task<KnownVersion> ResolveAsync(string model, string alias, CancellationToken cancellationToken)
    {
        try
        {
            var version = await registry.ResolveAliasAsync(
                new ResolveAliasRequest { Model = model, Alias = alias }, deadline: Deadline, cancellationToken: cancellationToken);
            return KnownVersion.From(version);
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelUnusableException($"{model}@{alias} can't be resolved: {exception.Status.Detail}", exception);
        }
    }

    /// <summary>A fixed version: what is known of it, or else what the registry says.</summary>
    /// <exception cref="ModelUnusableException">There is no such version, or it can't be loaded.</exception>
    public async Task<LoadedVersion> LoadAsync(string workspace, string model, int version, CancellationToken cancellationToken)
    {
        var known = await context.KnownVersions.AsNoTracking()
            .FirstOrDefaultAsync(each => each.Workspace == workspace && each.Model == model && each.Version == version, cancellationToken);
        if (known is null)
        {
            try
            {
                known = KnownVersion.From(await registry.GetModelVersionAsync(
                    new GetModelVersionRequest { Model = model, Version = version }, deadline: Deadline, cancellationToken: cancellationToken));
            }
            catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ModelUnusableException($"Version {version} of {model} can't be found: {exception.Status.Detail}", exception);
            }

            await RememberAsync(known, cancellationToken);
        }

        return await loader.LoadAsync(known, cancellationToken);
    }

    public async Task RememberAsync(KnownVersion version, CancellationToken cancellationToken)
    {
        if (!await context.KnownVersions.AnyAsync(
            each => each.Workspace == version.Workspace && each.Model == version.Model && each.Version == version.Version, cancellationToken))
        {
            context.KnownVersions.Add(version);
            await context.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>Looks whether the alias names another version, and brings that into service. A version that fails leaves the present one in service.</summary>
    public async Task RefreshAsync(ServingEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = await ResolveAsync(endpoint.Model, endpoint.Alias, cancellationToken);
            if (table.Find(endpoint.Name) is { } snapshot && snapshot.Live.Version == wanted.Version)
            {
                table.SetFault(endpoint.Name, "");
                return;
            }

            await DeployAsync(endpoint, wanted, cancellationToken);
        }
        catch (ModelUnusableException exception)
        {
            table.SetFault(endpoint.Name, exception.Message);
        }
    }

    /// <summary>Brings an endpoint up again after a restart, with the version that it had, also when nobody else answers.</summary>
    public async Task RestoreAsync(ServingEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var live = await LoadAsync(endpoint.Workspace, endpoint.Model, endpoint.Version, cancellationToken);
            var answered = await context.Deployments.AsNoTracking().AnyAsync(each => each.Id == endpoint.DeploymentId && each.FirstAnsweredAt != null, cancellationToken);
            table.Swap(new EndpointSnapshot(endpoint.Name, endpoint.Workspace, live, await ShadowsAsync(endpoint, cancellationToken), endpoint.DeploymentId, answered));
        }
        catch (ModelUnusableException exception)
        {
            table.SetFault(endpoint.Name, exception.Message);
        }
    }

    private async Task DeployAsync(ServingEndpoint endpoint, KnownVersion wanted, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var live = await loader.LoadAsync(wanted, cancellationToken);
        await RememberAsync(wanted, cancellationToken);
        var shadows = await ShadowsAsync(endpoint, cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var stored = await context.Endpoints.FirstOrDefaultAsync(each => each.Workspace == endpoint.Workspace && each.Name == endpoint.Name, cancellationToken);
        if (stored is null)
        {
            return;
        }

        var deployment = stored.Deploy(wanted.Version, time.GetUtcNow(), Stopwatch.GetElapsedTime(started));
        context.Deployments.Add(deployment);
        context.PublishOnSave(deployment.ToEvent(), time);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        table.Swap(new EndpointSnapshot(stored.Name, stored.Workspace, live, shadows, deployment.Id, hasAnswered: false));
    }

    private async Task<List<LoadedVersion>> ShadowsAsync(ServingEndpoint endpoint, CancellationToken cancellationToken)
    {
        var shadows = new List<LoadedVersion>();
        foreach (var version in endpoint.ShadowVersions)
        {
            shadows.Add(await LoadAsync(endpoint.Workspace, endpoint.Model, version, cancellationToken));
        }

        return shadows;
    }

    private DateTime Deadline => time.GetUtcNow().UtcDateTime + CallDeadline;
}
