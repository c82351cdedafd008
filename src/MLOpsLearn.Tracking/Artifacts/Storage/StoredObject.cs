namespace MLOpsLearn.Tracking.Artifacts.Storage;

/// <summary>An object of the store.</summary>
/// <param name="Name">Its whole name.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="Modified">When it was written, in UTC by the store's clock.</param>
internal sealed record StoredObject(string Name, long SizeBytes, DateTime Modified)
{
    /// <summary>The last part of the name.</summary>
    public string LastPart => Name[(Name.LastIndexOf('/') + 1)..];
}
