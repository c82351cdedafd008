using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Contracts;
using MLOpsLearn.Registry.Data;

namespace MLOpsLearn.Registry.Versions;

/// <summary>Reads what stands beside versions: two queries for some hundred of them, however many there are in all.</summary>
internal sealed class VersionDetails(RegistryDbContext context)
{
    private const int ChunkSize = 500;

    public async Task<List<VersionView>> LoadAsync(IReadOnlyCollection<RegisteredVersion> versions, CancellationToken cancellationToken)
    {
        var views = new List<VersionView>(versions.Count);
        foreach (var chunk in versions.Chunk(ChunkSize))
        {
            var names = chunk.Select(version => version.Model).Distinct().ToList();
            var numbers = chunk.Select(version => version.Version).Distinct().ToList();
            var tags = (await context.VersionTags.AsNoTracking()
                .Where(tag => tag.Workspace == Workspaces.Default && names.Contains(tag.Model) && numbers.Contains(tag.Version))
                .ToListAsync(cancellationToken)).ToLookup(tag => (tag.Model, tag.Version));
            var aliases = (await context.Aliases.AsNoTracking()
                .Where(alias => alias.Workspace == Workspaces.Default && names.Contains(alias.Model) && numbers.Contains(alias.Version))
                .ToListAsync(cancellationToken)).ToLookup(alias => (alias.Model, alias.Version), alias => alias.Alias);
            views.AddRange(chunk.Select(version => new VersionView(
                version,
                [.. aliases[(version.Model, version.Version)].Order(StringComparer.Ordinal)],
                [.. tags[(version.Model, version.Version)].OrderBy(tag => tag.Key, StringComparer.Ordinal)])));
        }

        return views;
    }

    public async Task<VersionView> LoadAsync(RegisteredVersion version, CancellationToken cancellationToken) =>
        (await LoadAsync([version], cancellationToken))[0];
}
