using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>Where servers keep their data, resources their logs, and the engine the passwords that it made.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly bool _ephemeral;
    private readonly Dictionary<string, string> _passwords;

    public DataFolder(IConfiguration configuration, string appHostDirectory)
    {
        _ephemeral = configuration.GetValue<bool>("AppHost:ephemeral");
        Root = _ephemeral
            ? Directory.CreateTempSubdirectory("mlops-apphost-").FullName
            : configuration["AppHost:DataFolder"] ?? Path.Combine(DefaultBase(), Fingerprint(appHostDirectory));
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Logs);
        if (IsRoot)
        {
            // Servers that must not be root have to get through to their own folder, and see nothing else.
            File.SetUnixFileMode(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        var file = Path.Combine(Root, "passwords.json");
        _passwords = File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [] : [];
    }

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    public string For(string resource) => Directory.CreateDirectory(Path.Combine(Root, resource)).FullName;

    /// <summary>The server's password: made once, of letters and digits only, since connection strings don't quote it.</summary>
    public string PasswordOf(string resource)
    {
        if (!_passwords.TryGetValue(resource, out var password))
        {
            password = RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 22);
            _passwords[resource] = password;
            PrivateFile.Write(Path.Combine(Root, "passwords.json"), JsonSerializer.Serialize(_passwords));
        }

        return password;
    }

    public void Dispose()
    {
        if (!_ephemeral)
        {
            return;
        }

        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A server that took a moment longer to end still held a file; the system clears its temporary folder.
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatformGuard("windows")]
    private static bool IsRoot => OperatingSystem.IsLinux() && Environment.UserName == "root";

    /// <summary>A server that must not run as root can't reach root's home.</summary>
    private static string DefaultBase() => IsRoot
        ? "/var/lib/mlopslearn"
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "mlopslearn");

    private static string Fingerprint(string appHostDirectory) =>
        "apphost-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(appHostDirectory)))[..10];
}
