using System.Security.Cryptography;
using System.Text;

namespace MLOpsLearn.Client.Transfer;

/// <summary>Remembers, in the user's folder for local data, under which id a server knows an upload that was begun; another process goes on with it.</summary>
internal sealed class UploadMemory
{
    private static readonly string Folder = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlopslearn", "uploads");

    private readonly string _file;

    public UploadMemory(Uri server, string runId, string path, string sha256)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}\n{runId}\n{path}\n{sha256}")))[..32];
        _file = Path.Combine(Folder, name);
    }

    /// <summary>The id; null when none was begun.</summary>
    public string? Read() => File.Exists(_file) ? File.ReadAllText(_file) : null;

    public void Write(string id)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(_file + ".part", id);
        File.Move(_file + ".part", _file, overwrite: true);
    }

    public void Forget()
    {
        if (Directory.Exists(Folder))
        {
            File.Delete(_file);
        }
    }
}
