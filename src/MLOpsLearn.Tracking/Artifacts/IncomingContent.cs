namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Content that came whole and waits to be kept. Disposing of it before that removes it.</summary>
internal sealed class IncomingContent(string temporary, string final, string sha256, long sizeBytes) : IDisposable
{
    public string Sha256 => sha256;

    public long SizeBytes => sizeBytes;

    /// <summary>Gives the content its place in the store. Equal content that lies there already serves as well.</summary>
    public void Keep()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(final)!);
        if (!File.Exists(final) || new FileInfo(final).Length != sizeBytes)
        {
            File.Move(temporary, final, overwrite: true);
        }
    }

    /// <summary>Gives the content another place, outside the store.</summary>
    public void MoveTo(string path) => File.Move(temporary, path, overwrite: true);

    public void Dispose() => File.Delete(temporary);
}
