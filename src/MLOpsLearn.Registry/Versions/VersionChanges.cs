using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Registry.Aliases;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Models;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Versions;

/// <summary>Changes what is said of a version. Each call is one transaction and throws NOT_FOUND for a version that there isn't.</summary>
internal sealed class VersionChanges(
    RegistryDbContext context, ModelCatalog models, VersionCatalog versions, AliasBook aliases, WebhookQueue webhooks, TimeProvider time)
{
    /// <summary>Registers a version that came with a source only.</summary>
    public Task<VersionView> RegisterAsync(NewVersion version, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            var added = await versions.AddAsync(version, token);
            await context.SaveChangesAsync(token);
            return await versions.ViewAsync(added.Model, added.Version, token);
        },
        cancellationToken);

    /// <summary>Null says that there is no description.</summary>
    public Task<VersionView> DescribeAsync(string model, int number, string? description, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await TakeAsync(model, number, isChanged: false, token);
            var now = time.GetUtcNow();
            await Numbered(model, number).ExecuteUpdateAsync(
                set => set.SetProperty(version => version.Description, description).SetProperty(version => version.UpdatedAt, now), token);
            return await versions.ViewAsync(model, number, token);
        },
        cancellationToken);

    /// <summary>Moves a version to a stage, and the others in that stage to Archived when <paramref name="archiveOthers"/>.</summary>
    public Task<VersionView> MoveToStageAsync(string model, int number, string stage, bool archiveOthers, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await TakeAsync(model, number, isChanged: true, token);
            var now = time.GetUtcNow();
            if (archiveOthers)
            {
                await context.Versions
                    .Where(version => version.Workspace == Workspaces.Default && version.Model == model && version.Stage == stage && version.Version != number)
                    .ExecuteUpdateAsync(set => set.SetProperty(version => version.Stage, VersionStages.Archived).SetProperty(version => version.UpdatedAt, now), token);
            }

            await Numbered(model, number).ExecuteUpdateAsync(
                set => set.SetProperty(version => version.Stage, stage).SetProperty(version => version.UpdatedAt, now), token);
            return await versions.ViewAsync(model, number, token);
        },
        cancellationToken);

    /// <summary>Removes a version with its tags and aliases. Its evaluations stay, for the record, and its number is not given again.</summary>
    public Task DeleteAsync(string model, int number, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await TakeAsync(model, number, isChanged: true, token);
            await aliases.DropAllAsync(model, number, token);
            await context.VersionTags.Where(tag => tag.Workspace == Workspaces.Default && tag.Model == model && tag.Version == number).ExecuteDeleteAsync(token);
            return await Numbered(model, number).ExecuteDeleteAsync(token);
        },
        cancellationToken);

    public Task SetTagAsync(string model, int number, string key, string value, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await TakeAsync(model, number, isChanged: false, token);
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO version_tags ("Workspace", "Model", "Version", "Key", "Value") VALUES ({Workspaces.Default}, {model}, {number}, {key}, {value})
                ON CONFLICT ("Workspace", "Model", "Version", "Key") DO UPDATE SET "Value" = excluded."Value"
                """,
                token);
            await webhooks.AddAsync(RegistryNews.VersionTagSet(await models.IsPromptAsync(model, token), model, number, key, value), token);
            return true;
        },
        cancellationToken);

    /// <summary>A tag that isn't there is no fault.</summary>
    public Task DeleteTagAsync(string model, int number, string key, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await TakeAsync(model, number, isChanged: false, token);
            var removed = await context.VersionTags
                .Where(tag => tag.Workspace == Workspaces.Default && tag.Model == model && tag.Version == number && tag.Key == key).ExecuteDeleteAsync(token);
            if (removed > 0)
            {
                await webhooks.AddAsync(RegistryNews.VersionTagDeleted(await models.IsPromptAsync(model, token), model, number, key), token);
            }

            return removed;
        },
        cancellationToken);

    private async Task TakeAsync(string model, int number, bool isChanged, CancellationToken cancellationToken)
    {
        await models.LockAsync(model, isChanged, cancellationToken);
        await versions.FindAsync(model, number, cancellationToken);
    }

    private IQueryable<RegisteredVersion> Numbered(string model, int number) =>
        context.Versions.Where(version => version.Workspace == Workspaces.Default && version.Model == model && version.Version == number);
}
