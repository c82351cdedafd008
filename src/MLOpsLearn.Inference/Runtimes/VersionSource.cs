using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Hybrid;
using MLOpsLearn.Inference.Data;
using RegistryClient = MLOpsLearn.Contracts.Registry.V1.Registry.RegistryClient;

namespace MLOpsLearn.Inference.Runtimes;

/// <summary>Says which file a version is: what is remembered of it, or what the registry says.</summary>
internal sealed class VersionSource(RegistryClient registry, HybridCache cache, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="ModelUnusableException">The model has no such alias, or the registry does not answer.</exception>
    public async Task<KnownVersion> ResolveAsync(string model, string alias, CancellationToken cancellationToken)
    {
        try
        {
            return KnownVersion.From(await registry.ResolveAliasAsync(new() { Model = model, Alias = alias }, Options(cancellationToken)));
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unusable($"{model}@{alias} can't be resolved", exception);
        }
    }

    /// <exception cref="ModelUnusableException">There is no such version, or it is not remembered and the registry does not answer.</exception>
    public async Task<KnownVersion> GetAsync(InferenceDbContext context, string workspace, string model, int version, CancellationToken cancellationToken)
    {
        var known = await context.KnownVersions.AsNoTracking()
            .FirstOrDefaultAsync(each => each.Workspace == workspace && each.Model == model && each.Version == version, cancellationToken);
        if (known is not null)
        {
            return known;
        }

        try
        {
            // What a version is never changes; what one replica asked, the others find.
            known = KnownVersion.From(await cache.GetOrCreateAsync(
                $"model-version:{workspace}:{model}:{version}",
                async token => await registry.GetModelVersionAsync(new() { Model = model, Version = version }, Options(token)),
                cancellationToken: cancellationToken));
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unusable($"Version {version} of {model} can't be found", exception);
        }

        await RememberAsync(context, known, cancellationToken);
        return known;
    }

    /// <summary>Keeps what the registry said, so that the version comes up again while the registry is away.</summary>
    public static async Task RememberAsync(InferenceDbContext context, KnownVersion version, CancellationToken cancellationToken)
    {
        if (await context.KnownVersions.FindAsync([version.Workspace, version.Model, version.Version], cancellationToken) is { } known)
        {
            context.Entry(known).CurrentValues.SetValues(version);
        }
        else
        {
            context.KnownVersions.Add(version);
        }

        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // A replica heard of the version at the same moment, and what it stored came from the same registry.
            context.ChangeTracker.Clear();
            if (await context.KnownVersions.FindAsync([version.Workspace, version.Model, version.Version], cancellationToken) is null)
            {
                throw;
            }
        }
    }

    private static ModelUnusableException Unusable(string what, RpcException exception)
    {
        var isRefused = exception.StatusCode is StatusCode.NotFound or StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.PermissionDenied;
        return new ModelUnusableException(
            isRefused ? $"{what}: {exception.Status.Detail}" : $"{what}: the registry does not answer ({exception.StatusCode}).", !isRefused, exception);
    }

    private CallOptions Options(CancellationToken cancellationToken) => new(deadline: (time.GetUtcNow() + Patience).UtcDateTime, cancellationToken: cancellationToken);
}
