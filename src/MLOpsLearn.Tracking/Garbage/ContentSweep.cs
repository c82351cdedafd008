using Microsoft.Extensions.Options;
using MLOpsLearn.Tracking.Artifacts;
using MLOpsLearn.Tracking.Artifacts.Storage;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Garbage;

/// <summary>Removes contents that no file refers to. Equal files share a content, so it goes with the last of them.</summary>
internal sealed class ContentSweep(ArtifactStore store, TrackingDatabase database, IOptions<ArtifactOptions> options)
{
    private const int ChunkSize = 500;

    /// <returns>How many contents went, and their bytes.</returns>
    /// <exception cref="ArtifactStoreException">The store can't be reached; the next sweep goes on.</exception>
    public async Task<(long Contents, long Bytes)> SweepAsync(CancellationToken cancellationToken)
    {
        await store.GiveAllBackAsync(cancellationToken);
        var (contents, bytes) = (0L, 0L);
        await foreach (var chunk in store.OlderThanAsync(options.Value.SweepGrace, cancellationToken).Chunk(ChunkSize).WithCancellation(cancellationToken))
        {
            var used = await UsedAsync([.. chunk.Select(content => content.LastPart)], cancellationToken);
            foreach (var content in chunk.Where(content => !used.Contains(content.LastPart)))
            {
                if (await TryRemoveAsync(content, cancellationToken))
                {
                    (contents, bytes) = (contents + 1, bytes + content.SizeBytes);
                }
            }
        }

        return (contents, bytes);
    }

    /// <summary>
    /// Takes the content away first and looks again then. An upload that was committed before gets it back; one that is committed after looks for its
    /// content then, and puts it there anew.
    /// </summary>
    private async Task<bool> TryRemoveAsync(StoredObject content, CancellationToken cancellationToken)
    {
        if (!await store.TryTakeAsync(content, cancellationToken))
        {
            return false;
        }

        if ((await UsedAsync([content.LastPart], cancellationToken)).Count > 0)
        {
            await store.GiveBackAsync(content, cancellationToken);
            return false;
        }

        await store.DropAsync(content, cancellationToken);
        return true;
    }

    private Task<HashSet<string>> UsedAsync(IReadOnlyCollection<string> digests, CancellationToken cancellationToken) => database.ReadAsync(
        async session => (await session.QueryAsync(
            $"""SELECT DISTINCT "Sha256" FROM artifacts WHERE {session.Dialect.InTexts("\"Sha256\"", "@p0")}""", static row => row.GetString(0), session.Dialect.List(digests)))
            .ToHashSet(StringComparer.Ordinal),
        cancellationToken);
}
