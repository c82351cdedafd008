namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>
/// Objects by name, in a folder or in a bucket. Names are ours, parts separated by "/"; none is made of what a client sent. An object is there
/// whole or not at all.
/// </summary>
internal interface IObjectStore
{
    /// <summary>Takes a stream in with constant memory, and its digest on the way. Whatever stops it, a cancelled request included, leaves nothing.</summary>
    /// <exception cref="ArtifactStoreException">The store can't take it.</exception>
    /// <exception cref="IOException">The folder can't take it, or the stream broke.</exception>
    Task<IncomingObject> ReceiveAsync(Stream content, CancellationToken cancellationToken);

    /// <summary>What is known of an object; null when there is none.</summary>
    Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>An object's content, with its length and the freedom to begin anywhere; null when there is none.</summary>
    Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>The objects whose names begin with this prefix, which ends with "/".</summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Gives an object another name, over what is there. What it was before; null when there is none.</summary>
    Task<StoredObject?> MoveAsync(string name, string to, CancellationToken cancellationToken);

    /// <summary>Deletes an object; one that isn't there is no fault.</summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>What the store says the time is; its clock may be another machine's.</summary>
    Task<DateTime> NowAsync(CancellationToken cancellationToken);

    /// <summary>Removes what a process had begun to receive when it died. How many there were.</summary>
    Task<int> RemoveAbandonedAsync(CancellationToken cancellationToken);
}
