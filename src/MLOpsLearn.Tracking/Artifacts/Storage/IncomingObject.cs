namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>Content that came whole and waits for a name. Disposing of it before that removes it.</summary>
internal abstract class IncomingObject : IAsyncDisposable
{
    /// <summary>SHA-256, 64 lower-case hexadecimal digits.</summary>
    public abstract string Sha256 { get; }

    public abstract long SizeBytes { get; }

    /// <summary>
    /// Sees to it that the content is there under a name that only this content can have. May be called again: what a clean-up took away meanwhile is
    /// put there anew.
    /// </summary>
    /// <exception cref="ArtifactStoreException">The store can't take it.</exception>
    /// <exception cref="IOException">The folder can't take it.</exception>
    public abstract Task PlaceAsync(string name, CancellationToken cancellationToken);

    /// <summary>Places it among the contents, under its digest.</summary>
    public Task KeepAsync(CancellationToken cancellationToken) => PlaceAsync(ArtifactStore.NameOf(Sha256), cancellationToken);

    public abstract ValueTask DisposeAsync();
}
