using System.Globalization;

namespace MLOpsLearn.Standalone;

/// <summary>The state folder, held for one server at a time.</summary>
internal sealed class StateFolder : IDisposable
{
    /// <summary>Raised when a folder of this build can't be read by the builds before it.</summary>
    private const int FormatVersion = 1;

    private readonly FileStream _lock;

    private StateFolder(string path, FileStream heldLock) => (Path, _lock) = (path, heldLock);

    public string Path { get; }

    /// <exception cref="StandaloneException">The folder can't be used; the message says why and what to do.</exception>
    public static StateFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        FileStream held;
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StandaloneException($"The state folder '{path}' can't be made: {exception.Message} Choose another with --state.", exception);
        }

        try
        {
            held = new FileStream(System.IO.Path.Combine(path, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StandaloneException($"The state folder '{path}' is not writable. Change its rights, or choose another with --state.", exception);
        }
        catch (IOException exception)
        {
            throw new StandaloneException(
                $"The state folder '{path}' is in use by another server, or can't be locked. Stop that server, or choose another folder with --state.", exception);
        }

        try
        {
            CheckFormat(path);
            return new StateFolder(path, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _lock.Dispose();

    private static void CheckFormat(string path)
    {
        var file = System.IO.Path.Combine(path, "format");
        if (!System.IO.File.Exists(file))
        {
            System.IO.File.WriteAllText(file, FormatVersion.ToString(CultureInfo.InvariantCulture));
            return;
        }

        var text = System.IO.File.ReadAllText(file).Trim();
        if (!int.TryParse(text, CultureInfo.InvariantCulture, out var format) || format > FormatVersion)
        {
            throw new StandaloneException(
                $"The state folder '{path}' was made by a newer version (format '{text}', this build knows {FormatVersion}). Start the newer version, or choose another folder with --state.");
        }
    }
}
