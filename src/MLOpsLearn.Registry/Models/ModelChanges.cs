using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Models;

/// <summary>Changes what is said of a model, its name included. Each call is one transaction and throws NOT_FOUND for a model that there isn't.</summary>
internal sealed class ModelChanges(RegistryDbContext context, ModelCatalog models, ModelDetails details, WebhookQueue webhooks, TimeProvider time)
{
    /// <summary>An empty text says that there is no description.</summary>
    public Task<ModelView> DescribeAsync(string name, string description, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(name, isChanged: true, token);
            await ModelsNamed(name).ExecuteUpdateAsync(set => set.SetProperty(model => model.Description, description), token);
            return await ViewAsync(name, token);
        },
        cancellationToken);

    /// <summary>Gives a model another name; its versions, tags, aliases, policies, evaluations, freezes and history go with it.</summary>
    /// <exception cref="Grpc.Core.RpcException">ALREADY_EXISTS when the new name is taken.</exception>
    public Task<ModelView> RenameAsync(string name, string newName, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(name, isChanged: true, token);
            if (newName == name)
            {
                return await ViewAsync(name, token);
            }

            await models.ThrowIfTakenAsync(newName, token);
            var now = time.GetUtcNow();
            await ModelsNamed(name).ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, newName), token);
            await context.ModelTags.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.Versions.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName).SetProperty(row => row.UpdatedAt, now), token);
            await context.VersionTags.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.Aliases.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.Policies.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.Evaluations.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            // The new name may still be frozen from an earlier model: one freeze is enough, and there is place for one.
            await context.Freezes
                .Where(row => row.Workspace == Workspaces.Default && row.Model == name && row.LiftedAt == null
                    && context.Freezes.Any(other => other.Workspace == Workspaces.Default && other.Model == newName && other.LiftedAt == null))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LiftedAt, now).SetProperty(row => row.WhyLifted, "the model's new name is frozen already"), token);
            await context.Freezes.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.HeldBack.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.Jobs.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            await context.Deployments.Where(row => row.Workspace == Workspaces.Default && row.Model == name)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Model, newName), token);
            return await ViewAsync(newName, token);
        },
        cancellationToken);

    /// <summary>Removes a model with all that hangs on it; freezes stay, since lifting one is a person's decision. Artifacts stay with their runs.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(name, isChanged: false, token);
            await context.VersionTags.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            await context.Aliases.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            await context.Versions.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            await context.ModelTags.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            await context.Policies.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            // Version numbers begin anew when the name is used again: what is known of the old ones must not be told of the new.
            await context.Evaluations.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            await context.Deployments.Where(row => row.Workspace == Workspaces.Default && row.Model == name).ExecuteDeleteAsync(token);
            return await ModelsNamed(name).ExecuteDeleteAsync(token);
        },
        cancellationToken);

    public Task SetTagAsync(string name, string key, string value, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(name, isChanged: false, token);
            await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO model_tags ("Workspace", "Model", "Key", "Value") VALUES ({Workspaces.Default}, {name}, {key}, {value})
                ON CONFLICT ("Workspace", "Model", "Key") DO UPDATE SET "Value" = excluded."Value"
                """,
                token);
            if (await models.IsPromptAsync(name, token))
            {
                await webhooks.AddAsync(RegistryNews.PromptTagSet(name, key, value), token);
            }

            return true;
        },
        cancellationToken);

    /// <summary>A tag that isn't there is no fault.</summary>
    public Task DeleteTagAsync(string name, string key, CancellationToken cancellationToken) => context.InTransactionAsync(
        async token =>
        {
            await models.LockAsync(name, isChanged: false, token);
            var isPrompt = await models.IsPromptAsync(name, token);
            var removed = await context.ModelTags.Where(tag => tag.Workspace == Workspaces.Default && tag.Model == name && tag.Key == key).ExecuteDeleteAsync(token);
            if (removed > 0 && isPrompt)
            {
                await webhooks.AddAsync(RegistryNews.PromptTagDeleted(name, key), token);
            }

            return removed;
        },
        cancellationToken);

    private IQueryable<RegisteredModel> ModelsNamed(string name) =>
        context.Models.Where(model => model.Workspace == Workspaces.Default && model.Name == name);

    private async Task<ModelView> ViewAsync(string name, CancellationToken cancellationToken) =>
        await details.LoadAsync(await models.FindAsync(name, cancellationToken), cancellationToken);
}
