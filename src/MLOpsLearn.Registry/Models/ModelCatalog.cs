using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Paging;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Messaging.Idempotency;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Models;

/// <summary>Makes and finds models.</summary>
internal sealed class ModelCatalog(RegistryDbContext context, TimeProvider time)
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
                if (await context.Models.AnyAsync(other => other.Workspace == Workspaces.Default && other.Name == request.Name, token))
                {
                    throw RpcErrors.AlreadyExists("model", request.Name, "Create a version of it, or choose another name.");
                }

                var model = new RegisteredModel
                {
                    Workspace = Workspaces.Default,
                    Name = request.Name,
                    Description = request.Description,
                    CreatedAt = time.GetUtcNow(),
                    TagsJson = JsonSerializer.Serialize(request.Tags.ToDictionary()),
                };
                context.Models.Add(model);
                await context.SaveChangesAsync(token);
                return View(model, []);
            },
            cancellationToken);
    }

    public async Task<Model> GetAsync(GetModelRequest request, CancellationToken cancellationToken)
    {
        var model = await FindAsync(request.Name, cancellationToken);
        var aliases = await context.Aliases.AsNoTracking().Where(alias => alias.Workspace == model.Workspace && alias.Model == model.Name).ToListAsync(cancellationToken);
        return View(model, aliases);
    }

    public async Task<ListModelsResponse> ListAsync(ListModelsRequest request, CancellationToken cancellationToken)
    {
        new FieldChecks().PageSize(request.PageSize).ThrowIfAny();
        var size = PageToken.SizeOrDefault(request.PageSize);
        var after = PageToken.DecodeText(request.PageToken) ?? "";
        var page = await context.Models.AsNoTracking()
            .Where(model => model.Workspace == Workspaces.Default && string.Compare(model.Name, after) > 0)
            .OrderBy(model => model.Name).Take(size + 1).ToListAsync(cancellationToken);
        var names = page.Select(model => model.Name).ToList();
        var aliases = (await context.Aliases.AsNoTracking().Where(alias => alias.Workspace == Workspaces.Default && names.Contains(alias.Model)).ToListAsync(cancellationToken))
            .ToLookup(alias => alias.Model);
        return new ListModelsResponse
        {
            Models = { page.Take(size).Select(model => View(model, aliases[model.Name])) },
            NextPageToken = page.Count > size ? PageToken.Encode(page[size - 1].Name) : "",
        };
    }

    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT for what can't be a model's name, NOT_FOUND for what isn't one.</exception>
    public async Task<RegisteredModel> FindAsync(string name, CancellationToken cancellationToken)
    {
        new FieldChecks().Name("model", name).ThrowIfAny();
        return await context.Models.AsNoTracking().FirstOrDefaultAsync(model => model.Workspace == Workspaces.Default && model.Name == name, cancellationToken)
            ?? throw RpcErrors.NotFound("model", name);
    }

    private static Model View(RegisteredModel model, IEnumerable<Aliases.AliasHolder> aliases) => new()
    {
        Name = model.Name,
        Description = model.Description,
        Workspace = model.Workspace,
        CreateTime = model.CreatedAt.ToTimestamp(),
        LatestVersion = model.LatestVersion,
        Tags = { JsonSerializer.Deserialize<Dictionary<string, string>>(model.TagsJson) ?? [] },
        Aliases =
        {
            aliases.OrderBy(alias => alias.Alias, StringComparer.Ordinal)
                .Select(alias => new ModelAlias { Alias = alias.Alias, Version = alias.Version, UpdateTime = alias.UpdatedAt.ToTimestamp() }),
        },
    };
}
