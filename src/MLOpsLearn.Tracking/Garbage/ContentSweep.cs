using Microsoft.Extensions.Options;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>Removes contents that no file refers to. Equal files share a content, so it goes with the last of them.</summary>
internal sealed class ContentSweep(ArtifactStore store, TrackingDatabase database, IOptions<ArtifactOptions> options)
{
    private const int ChunkSize = 500;
    private const string Taken = ".taken";

    /// <returns>How many contents went, and their bytes.</returns>
    public async Task<(long Contents, long Bytes)> SweepAsync(CancellationToken cancellationToken)
    {
        store.GiveBack(Taken);
        var young = store.Now() - options.Value.SweepGrace;
        var (contents, bytes) = (0L, 0L);
        foreach (var chunk in store.Contents().Where(file => file.LastWriteTimeUtc <= young).Chunk(ChunkSize))
        {
            var used = await UsedAsync([.. chunk.Select(file => file.Name)], cancellationToken);
            foreach (var file in chunk.Where(file => !used.Contains(file.Name)))
            {
                if (await TryRemoveAsync(file, young, cancellationToken))
                {
                    (contents, bytes) = (contents + 1, bytes + file.Length);
                }
            }
        }

        return (contents, bytes);
    }

    /// <summary>
    /// Takes the content away first and looks again then. An upload that used it before had made it young, and gets it back; one that comes
    /// after finds nothing and keeps its own copy.
    /// </summary>
    private async Task<bool> TryRemoveAsync(FileInfo file, DateTime young, CancellationToken cancellationToken)
    {
        var (path, taken) = (file.FullName, file.FullName + Taken);
        File.Move(path, taken, overwrite: true);
        if (File.GetLastWriteTimeUtc(taken) > young || (await UsedAsync([file.Name], cancellationToken)).Count > 0)
        {
            File.Move(taken, path, overwrite: true);
            return false;
        }

        File.Delete(taken);
        return true;
    }

    private Task<HashSet<string>> UsedAsync(IReadOnlyCollection<string> digests, CancellationToken cancellationToken) => database.ReadAsync(
        async session => (await session.QueryAsync(
            $"""SELECT DISTINCT "Sha256" FROM artifacts WHERE {session.Dialect.InTexts("\"Sha256\"", "@p0")}""", static row => row.GetString(0), session.Dialect.List(digests)))
            .ToHashSet(StringComparer.Ordinal),
        cancellationToken);
}
