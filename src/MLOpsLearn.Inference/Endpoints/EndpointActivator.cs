using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MLOpsLearn.Inference.Data;
using MLOpsLearn.Inference.Deployments;
using MLOpsLearn.Inference.Runtimes;
using MLOpsLearn.Messaging.Outbox;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>Brings versions into service: asks the registry, loads, stores the deployment with its event, swaps.</summary>
internal sealed partial class EndpointActivator(
    InferenceDbContext context, VersionSource versions, ModelLoader loader, EndpointTable table, AliasSignal signal, TimeProvider time, ILogger<EndpointActivator> logger)
{
    /// <summary>Looks whether the alias names another version, and brings that into service. A version that fails leaves the present one in service.</summary>
    public async Task RefreshAsync(ServingEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = await versions.ResolveAsync(endpoint.Model, endpoint.Alias, cancellationToken);
            if (table.Find(endpoint.Name)?.Live.Facts is not { } live || live.Version != wanted.Version || live.Sha256 != wanted.Sha256)
            {
                await DeployAsync(endpoint, wanted, cancellationToken);
            }

            SetFault(endpoint.Name, await RefreshShadowsAsync(endpoint, cancellationToken));
        }
        catch (ModelUnusableException exception)
        {
            if (table.Find(endpoint.Name) is null && exception.IsPassing)
            {
                await RestoreAsync(endpoint, cancellationToken);
                return;
            }

            SetFault(endpoint.Name, exception.Message);
        }
    }

    /// <summary>Brings an endpoint up again after a restart, with the version that it had, also when nobody else answers.</summary>
    public async Task RestoreAsync(ServingEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            var known = await versions.GetAsync(context, endpoint.Workspace, endpoint.Model, endpoint.Version, cancellationToken);
            var live = await loader.LoadAsync(known, cancellationToken);
            var answered = await HasAnsweredAsync(endpoint.DeploymentId, cancellationToken);
            var (shadows, fault) = await ShadowsAsync(endpoint, [], cancellationToken);
            table.Swap(new EndpointSnapshot(endpoint.Name, endpoint.Workspace, live, shadows, endpoint.DeploymentId, answered));
            SetFault(endpoint.Name, fault);
        }
        catch (ModelUnusableException exception)
        {
            SetFault(endpoint.Name, exception.Message);
        }
    }

    private async Task DeployAsync(ServingEndpoint endpoint, KnownVersion wanted, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        // The move of the alias, or when its event was lost, what the version was made for.
        using var activity = InferenceTelemetry.Activities.StartActivity(
            "deploy version", ActivityKind.Internal, signal.TraceOf(wanted.Model, wanted.Version) ?? wanted.TraceParent);
        activity?.SetTag("mlopslearn.endpoint", endpoint.Name).SetTag("mlopslearn.model", wanted.Model).SetTag("mlopslearn.version", wanted.Version);
        var live = await loader.LoadAsync(wanted, cancellationToken);
        await VersionSource.RememberAsync(context, wanted, cancellationToken);
        var deployment = await table.ChangeAsync(
            async () =>
            {
                var stored = await context.Endpoints.FirstOrDefaultAsync(
                    each => each.Workspace == endpoint.Workspace && each.Name == endpoint.Name, cancellationToken);
                if (stored is null)
                {
                    return null;
                }

                // A version that is stored as serving only comes up again: that is no deployment.
                VersionDeployment? deployment = null;
                if (stored.Version != wanted.Version)
                {
                    deployment = stored.Deploy(wanted.Version, time.GetUtcNow(), time.GetElapsedTime(started));
                    context.Deployments.Add(deployment);
                    context.PublishOnSave(deployment.ToEvent(), time);
                    try
                    {
                        await context.SaveChangesAsync(cancellationToken);
                    }
                    catch (DbUpdateConcurrencyException)
                    {
                        // Another process of this service was first: this one follows.
                        context.ChangeTracker.Clear();
                        deployment = null;
                        stored = await context.Endpoints.AsNoTracking().FirstOrDefaultAsync(
                            each => each.Workspace == endpoint.Workspace && each.Name == endpoint.Name, cancellationToken);
                        if (stored is null || stored.Version != wanted.Version)
                        {
                            return null;
                        }
                    }
                }

                var answered = deployment is null && await HasAnsweredAsync(stored.DeploymentId, cancellationToken);
                var shadows = table.Find(stored.Name)?.LoadedShadows ?? [];
                table.Swap(new EndpointSnapshot(stored.Name, stored.Workspace, live, shadows, stored.DeploymentId, answered, Activity.Current?.Id));
                return deployment;
            },
            cancellationToken);
        if (deployment is not null)
        {
            InferenceTelemetry.Deployed(endpoint.Name, time.GetElapsedTime(started));
            Log.Deployed(logger, endpoint.Name, deployment.Version, deployment.Model, deployment.PreviousVersion);
        }
    }

    /// <summary>Loads the shadows that are stored and not in memory; gives what is wrong with them, empty when nothing is.</summary>
    private async Task<string> RefreshShadowsAsync(ServingEndpoint endpoint, CancellationToken cancellationToken)
    {
        var present = table.Find(endpoint.Name)?.LoadedShadows;
        if (present is null || present.Select(shadow => shadow.Version).SequenceEqual(endpoint.ShadowVersions))
        {
            return "";
        }

        var (shadows, fault) = await ShadowsAsync(endpoint, present, cancellationToken);
        return await table.ChangeAsync(
            async () =>
            {
                var stored = await context.Endpoints.AsNoTracking().FirstOrDefaultAsync(
                    each => each.Workspace == endpoint.Workspace && each.Name == endpoint.Name, cancellationToken);
                if (stored is not null && stored.ShadowVersions.SequenceEqual(endpoint.ShadowVersions) && table.Find(endpoint.Name) is { } snapshot)
                {
                    table.Swap(snapshot.WithShadows(shadows));
                }

                return fault;
            },
            cancellationToken);
    }

    /// <summary>What can be loaded of an endpoint's shadows. One that can't is a fault to show, never a reason to answer nothing.</summary>
    private async Task<(List<LoadedVersion> Shadows, string Fault)> ShadowsAsync(
        ServingEndpoint endpoint, IReadOnlyList<LoadedVersion> present, CancellationToken cancellationToken)
    {
        var shadows = new List<LoadedVersion>();
        var fault = "";
        foreach (var version in endpoint.ShadowVersions)
        {
            try
            {
                shadows.Add(present.FirstOrDefault(shadow => shadow.Version == version) ?? await loader.LoadAsync(
                    await versions.GetAsync(context, endpoint.Workspace, endpoint.Model, version, cancellationToken), cancellationToken));
            }
            catch (ModelUnusableException exception)
            {
                fault = $"A shadow is missing: {exception.Message}";
            }
        }

        return (shadows, fault);
    }

    private Task<bool> HasAnsweredAsync(Guid deploymentId, CancellationToken cancellationToken) =>
        context.Deployments.AsNoTracking().AnyAsync(each => each.Id == deploymentId && each.FirstAnsweredAt != null, cancellationToken);

    private void SetFault(string endpoint, string fault)
    {
        if (table.SetFault(endpoint, fault) && fault.Length > 0)
        {
            Log.Faulted(logger, endpoint, fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4111, LogLevel.Information, "Endpoint {Endpoint} answers with version {Version} of {Model} now, before with {PreviousVersion}.")]
        public static partial void Deployed(ILogger logger, string endpoint, int version, string model, int previousVersion);

        [LoggerMessage(4112, LogLevel.Warning, "Endpoint {Endpoint} can't do all that it should: {Fault}")]
        public static partial void Faulted(ILogger logger, string endpoint, string fault);
    }
}
