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
        if (!TryRenew())
        {
            File.Move(temporary, final, overwrite: true);
        }
    }

    // Content that was used anew is young: the sweep leaves it alone, and what the sweep has taken away can't be renewed.
    private bool TryRenew()
    {
        try
        {
            if (!File.Exists(final) || new FileInfo(final).Length != sizeBytes)
            {
                return false;
            }

            File.SetLastWriteTimeUtc(final, File.GetLastWriteTimeUtc(temporary));
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Gives the content another place, outside the store.</summary>
    public void MoveTo(string path) => File.Move(temporary, path, overwrite: true);

    public void Dispose() => File.Delete(temporary);
}
