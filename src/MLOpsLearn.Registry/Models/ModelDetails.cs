using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Registry.Data;
using MLOpsLearn.Registry.Versions;

namespace MLOpsLearn.Registry.Models;

/// <summary>Reads what stands beside models: the same few queries for one as for a page of them.</summary>
internal sealed class ModelDetails(RegistryDbContext context, VersionDetails versions)
{
    private const int ChunkSize = 500;

    public async Task<List<ModelView>> LoadAsync(IReadOnlyCollection<RegisteredModel> models, CancellationToken cancellationToken)
    {
        var views = new List<ModelView>(models.Count);
        foreach (var chunk in models.Chunk(ChunkSize))
        {
            var names = chunk.Select(model => model.Name).ToList();
            var aliases = (await context.Aliases.AsNoTracking().Where(alias => alias.Workspace == Workspaces.Default && names.Contains(alias.Model))
                .ToListAsync(cancellationToken)).ToLookup(alias => alias.Model);
            var tags = (await context.ModelTags.AsNoTracking().Where(tag => tag.Workspace == Workspaces.Default && names.Contains(tag.Model))
                .ToListAsync(cancellationToken)).ToLookup(tag => tag.Model);
            var latest = (await LatestAsync(names, cancellationToken)).ToLookup(view => view.Version.Model);
            views.AddRange(chunk.Select(model => new ModelView(
                model,
                [.. aliases[model.Name].OrderBy(alias => alias.Alias, StringComparer.Ordinal)],
                [.. tags[model.Name].OrderBy(tag => tag.Key, StringComparer.Ordinal)],
                [.. latest[model.Name]])));
        }

        return views;
    }

    public async Task<ModelView> LoadAsync(RegisteredModel model, CancellationToken cancellationToken) => (await LoadAsync([model], cancellationToken))[0];

    /// <summary>The newest version of each stage that has any, of each model; by number.</summary>
    public async Task<List<VersionView>> LatestAsync(IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var newest = context.Versions.Where(version => version.Workspace == Workspaces.Default && names.Contains(version.Model))
            .GroupBy(version => new { version.Model, version.Stage })
            .Select(group => new { group.Key.Model, Version = group.Max(version => version.Version) });
        var found = await context.Versions.AsNoTracking().Where(version => version.Workspace == Workspaces.Default)
            .Join(newest, version => new { version.Model, version.Version }, key => new { key.Model, key.Version }, (version, _) => version)
            .OrderBy(version => version.Model).ThenBy(version => version.Version)
            .ToListAsync(cancellationToken);
        return await versions.LoadAsync(found, cancellationToken);
    }
}
