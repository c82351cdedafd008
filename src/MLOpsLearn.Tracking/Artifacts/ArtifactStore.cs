using System.Runtime.CompilerServices;
using MLOpsLearn.Tracking.Artifacts.Storage;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Keeps content by its SHA-256, so equal content is kept once: what has a digest for a name is whole.</summary>
internal sealed class ArtifactStore(IObjectStore objects)
{
    private const string Contents = "blobs/";
    private const string Taken = ".taken";
    private const int DigestLength = 64;

    /// <summary>Where the content of a digest lies.</summary>
    public static string NameOf(string sha256) => $"{Contents}{sha256[..2]}/{sha256}";

    /// <summary>Takes a stream in with constant memory. Whatever stops it, a cancelled request included, leaves nothing.</summary>
    /// <returns>What came; the caller keeps it or, by disposing of it, lets it go.</returns>
    /// <exception cref="ArtifactStoreException">The store can't take it.</exception>
    /// <exception cref="IOException">The folder can't take it, or the stream broke.</exception>
    public Task<IncomingObject> ReceiveAsync(Stream content, CancellationToken cancellationToken) => objects.ReceiveAsync(content, cancellationToken);

    /// <summary>The content of a digest, to be read from anywhere in it; null when the store does not have it.</summary>
    /// <exception cref="ArtifactStoreException">The store can't be asked now.</exception>
    public Task<Stream?> OpenAsync(string sha256, CancellationToken cancellationToken) => objects.OpenAsync(NameOf(sha256), cancellationToken);

    /// <summary>Contents that were written at least this long ago.</summary>
    public async IAsyncEnumerable<StoredObject> OlderThanAsync(TimeSpan age, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var latest = await objects.NowAsync(cancellationToken) - age;
        await foreach (var stored in objects.ListAsync(Contents, cancellationToken))
        {
            if (stored.LastPart.Length == DigestLength && stored.Modified <= latest)
            {
                yield return stored;
            }
        }
    }

    /// <summary>
    /// Takes a content away, so that an upload which comes now finds none and keeps its own. False when there is none, or it was written anew since it was
    /// listed.
    /// </summary>
    public async Task<bool> TryTakeAsync(StoredObject content, CancellationToken cancellationToken)
    {
        var taken = await objects.MoveAsync(content.Name, content.Name + Taken, cancellationToken);
        if (taken is not null && taken.Modified > content.Modified)
        {
            await GiveBackAsync(content, cancellationToken);
            return false;
        }

        return taken is not null;
    }

    /// <summary>Puts a content back that was taken away.</summary>
    public Task GiveBackAsync(StoredObject content, CancellationToken cancellationToken) => objects.MoveAsync(content.Name + Taken, content.Name, cancellationToken);

    /// <summary>Removes for good what was taken away.</summary>
    public Task DropAsync(StoredObject content, CancellationToken cancellationToken) => objects.DeleteAsync(content.Name + Taken, cancellationToken);

    /// <summary>Puts contents back that a clean-up had taken away when it was killed.</summary>
    public async Task GiveAllBackAsync(CancellationToken cancellationToken)
    {
        await foreach (var stored in objects.ListAsync(Contents, cancellationToken))
        {
            if (stored.Name.EndsWith(Taken, StringComparison.Ordinal))
            {
                await objects.MoveAsync(stored.Name, stored.Name[..^Taken.Length], cancellationToken);
            }
        }
    }
}
