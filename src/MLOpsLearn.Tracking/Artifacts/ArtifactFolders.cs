using Microsoft.EntityFrameworkCore;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Lists and removes by folder. Everything below a folder lies between its path with a slash and its path with the character after the slash.</summary>
internal sealed class ArtifactFolders(TrackingDbContext context)
{
    private const int PageSize = 1000;

    /// <summary>What lies right below a place, by name; nothing when it is a file or isn't there. Subfolders are skipped over, however full they are.</summary>
    public async Task<List<FolderEntry>> ListAsync(ArtifactPlace folder, CancellationToken cancellationToken)
    {
        var entries = new List<FolderEntry>();
        var prefix = Prefix(folder);
        var from = prefix;
        while (true)
        {
            var page = await Below(folder).Where(file => string.Compare(file.Path, from) >= 0).OrderBy(file => file.Path).Take(PageSize)
                .Select(file => new { file.Path, file.SizeBytes }).ToListAsync(cancellationToken);
            foreach (var file in page)
            {
                var rest = file.Path[prefix.Length..];
                var slash = rest.IndexOf('/', StringComparison.Ordinal);
                if (slash < 0)
                {
                    entries.Add(new FolderEntry(rest, file.SizeBytes));
                }
                else if (entries.Count == 0 || entries[^1].Name != rest[..slash])
                {
                    entries.Add(new FolderEntry(rest[..slash], null));
                }
            }

            if (page.Count < PageSize)
            {
                // "a.txt" comes before "a/b" in the store; as names "a" comes first.
                entries.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
                return entries;
            }

            from = prefix + entries[^1].Name + (entries[^1].IsFolder ? "0" : "\u0001");
        }
    }

    /// <summary>Files at or below a place in the order of their paths, from the one after <paramref name="after"/>.</summary>
    public Task<List<RunArtifact>> FilesAsync(ArtifactPlace folder, string after, int take, CancellationToken cancellationToken) => Below(folder)
        .Where(file => string.Compare(file.Path, after) > 0).OrderBy(file => file.Path).Take(take).ToListAsync(cancellationToken);

    /// <summary>Removes the file at a place, or everything below it. Contents stay until nothing refers to them and the store is cleaned.</summary>
    public Task<int> DeleteAsync(ArtifactPlace place, CancellationToken cancellationToken)
    {
        var (first, last) = (place.Path + "/", place.Path + "0");
        var files = context.Artifacts.Where(file => file.RunKey == place.RunKey);
        return (place.Path.Length == 0
                ? files
                : files.Where(file => file.Path == place.Path || (string.Compare(file.Path, first) > 0 && string.Compare(file.Path, last) < 0)))
            .ExecuteDeleteAsync(cancellationToken);
    }

    private IQueryable<RunArtifact> Below(ArtifactPlace folder)
    {
        var files = context.Artifacts.AsNoTracking().Where(file => file.RunKey == folder.RunKey);
        var (first, last) = (folder.Path + "/", folder.Path + "0");
        return folder.Path.Length == 0 ? files : files.Where(file => string.Compare(file.Path, first) > 0 && string.Compare(file.Path, last) < 0);
    }

    private static string Prefix(ArtifactPlace folder) => folder.Path.Length == 0 ? "" : folder.Path + "/";
}
