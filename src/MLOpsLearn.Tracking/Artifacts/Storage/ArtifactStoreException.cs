namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>The bucket can't do what was asked now; the message says why, in words that a client may see.</summary>
internal sealed class ArtifactStoreException(string message, bool isFull, Exception cause) : Exception(message, cause)
{
    /// <summary>Whether there is no room left; otherwise it is away, not there, or refuses the server.</summary>
    public bool IsFull => isFull;
}
