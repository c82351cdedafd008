using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Webhooks;

namespace MLOpsLearn.Registry.Models;

/// <summary>Makes and finds models.</summary>
internal sealed class ModelCatalog(RegistryDbContext context, ModelDetails details, WebhookQueue webhooks, TimeProvider time)
{
    public async Task<Model> CreateAsync(CreateModelRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().RequestId(request.RequestId).Name("name", request.Name).Text("description", request.Description, 8000, required: false)
            .Tags("tags", request.Tags).ThrowIfAny();
        return await context.RunOnceAsync(
            request.RequestId,
            request,
            time,
            async token =>
            {
                var model = await AddAsync(request.Name, request.Description, request.Tags, token);
                await context.SaveChangesAsync(token);
                return (await details.LoadAsync(model, token)).ToProto();
            },
            cancellationToken);
    }

    /// <summary>Adds a model within the caller's transaction.</summary>
    /// <exception cref="Grpc.Core.RpcException">ALREADY_EXISTS.</exception>
    public async Task<RegisteredModel> AddAsync(string name, string description, IDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        await ThrowIfTakenAsync(name, cancellationToken);
        var now = time.GetUtcNow();
        var model = new RegisteredModel { Workspace = Workspaces.Default, Name = name, Description = description, CreatedAt = now, UpdatedAt = now };
        context.Models.Add(model);
        context.ModelTags.AddRange(tags.Select(tag => new ModelTag { Workspace = model.Workspace, Model = name, Key = tag.Key, Value = tag.Value }));
        await webhooks.AddAsync(RegistryNews.ModelCreated(name, description, tags), cancellationToken);
        return model;
    }

    public async Task<Model> GetAsync(GetModelRequest request, CancellationToken cancellationToken) =>
        (await details.LoadAsync(await FindAsync(request.Name, cancellationToken), cancellationToken)).ToProto();

    public async Task<ListModelsResponse> ListAsync(ListModelsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var page = await context.Models.AsNoTracking()
            .Where(model => model.Workspace == Workspaces.Default && string.Compare(model.Name, after) > 0)
            .OrderBy(model => model.Name).Take(size + 1).ToListAsync(cancellationToken);
        return new ListModelsResponse
        {
            Models = { (await details.LoadAsync([.. page.Take(size)], cancellationToken)).Select(view => view.ToProto()) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Name) : "",
        };
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT for what can't be a model's name, NOT_FOUND for what isn't one.</exception>
    public async Task<RegisteredModel> FindAsync(string name, CancellationToken cancellationToken)
    {
        new FieldChecks().ModelName("model", name).ThrowIfAny();
        return await context.Models.AsNoTracking().FirstOrDefaultAsync(model => model.Workspace == Workspaces.Default && model.Name == name, cancellationToken)
            ?? throw RpcErrors.NotFound("model", name);
    }

    /// <summary>
    /// Takes the model for the rest of the caller's transaction: other writers of it wait. <paramref name="isChanged"/> moves the time of its last change.
    /// </summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task LockAsync(string name, bool isChanged, CancellationToken cancellationToken)
    {
        new FieldChecks().ModelName("model", name).ThrowIfAny();
        var now = time.GetUtcNow();
        var one = context.Models.Where(model => model.Workspace == Workspaces.Default && model.Name == name);
        var locked = isChanged
            ? await one.ExecuteUpdateAsync(set => set.SetProperty(model => model.UpdatedAt, now), cancellationToken)
            : await one.ExecuteUpdateAsync(set => set.SetProperty(model => model.UpdatedAt, model => model.UpdatedAt), cancellationToken);
        if (locked == 0)
        {
            throw RpcErrors.NotFound("model", name);
        }
    }

    /// <summary>The next version's number, within the caller's transaction. The model's row is locked by it, so no two writers take the same.</summary>
    /// <exception cref="Grpc.Core.RpcException">NOT_FOUND.</exception>
    public async Task<int> TakeNextVersionAsync(string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var one = context.Models.Where(model => model.Workspace == Workspaces.Default && model.Name == name);
        await one.ExecuteUpdateAsync(
            set => set.SetProperty(model => model.LatestVersion, model => model.LatestVersion + 1).SetProperty(model => model.UpdatedAt, now), cancellationToken);
        return await one.Select(model => (int?)model.LatestVersion).FirstOrDefaultAsync(cancellationToken) ?? throw RpcErrors.NotFound("model", name);
    }

    public async Task ThrowIfTakenAsync(string name, CancellationToken cancellationToken)
    {
        if (await context.Models.AnyAsync(other => other.Workspace == Workspaces.Default && other.Name == name, cancellationToken))
        {
            throw RpcErrors.AlreadyExists("model", name, "Create a version of it, or choose another name.");
        }
    }

    /// <summary>Whether the model is a prompt.</summary>
    public Task<bool> IsPromptAsync(string name, CancellationToken cancellationToken) => context.ModelTags.AnyAsync(
        tag => tag.Workspace == Workspaces.Default && tag.Model == name && tag.Key == ModelTag.IsPrompt && tag.Value == "true", cancellationToken);
}
