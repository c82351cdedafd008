namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>A file or a folder right below a folder.</summary>
/// <param name="Name">Without the folder's path.</param>
/// <param name="SizeBytes">Null for a folder.</param>
internal sealed record FolderEntry(string Name, long? SizeBytes)
{
    public bool IsFolder => SizeBytes is null;
}
