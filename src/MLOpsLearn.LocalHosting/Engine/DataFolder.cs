using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Engine;

/// <summary>Where servers keep their data, resources their logs, and the engine the passwords that it made.</summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>Where the folder is, for the AppHost as well.</summary>
    public const string Setting = "AppHost:DataFolder";

    private readonly bool _ephemeral;
    private readonly Dictionary<string, string> _passwords;
    private readonly FileStream _lock;

    /// <exception cref="DistributedApplicationException">The folder can't be used, or another AppHost uses it.</exception>
    public DataFolder(IConfiguration configuration)
    {
        _ephemeral = configuration.GetValue<bool>("AppHost:ephemeral");
        Root = configuration[Setting]!;
        try
        {
            CreatePrivate(Root);
            _lock = Take(Path.Combine(Root, "apphost.lock"));
            CreatePrivate(Logs);
            if (IsRoot)
            {
                // Servers that must not be root have to get through to their own folder, and see nothing else.
                File.SetUnixFileMode(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DistributedApplicationException($"The data folder {Root} can't be used: {exception.Message} Name another with --{Setting}=DIR.", exception);
        }

        var file = Path.Combine(Root, "passwords.json");
        _passwords = File.Exists(file) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file)) ?? [] : [];
    }

    public string Root { get; }

    public string Logs => Path.Combine(Root, "logs");

    public string For(string resource) => CreatePrivate(Path.Combine(Root, resource));

    /// <summary>The path that the configuration means; nothing is made yet.</summary>
    public static string Locate(IConfiguration configuration, string appHostDirectory) =>
        configuration.GetValue<bool>("AppHost:ephemeral")
            ? Path.Combine(Path.GetTempPath(), "mlops-apphost-" + Guid.NewGuid().ToString("N")[..12])
            : Path.GetFullPath(configuration[Setting] ?? Path.Combine(DefaultBase(), Fingerprint(appHostDirectory)));

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
        _lock.Dispose();
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

    private static string CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return Directory.CreateDirectory(folder).FullName;
        }

        // A folder that exists keeps its mode: a server's own belongs to the server's user.
        return Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
    }

    private FileStream Take(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new DistributedApplicationException(
                $"Another AppHost uses {Root}. Stop that one, add {CommandLine.Ephemeral}, or name another folder with --{Setting}=DIR.", exception);
        }
    }

    private static string Fingerprint(string appHostDirectory) =>
        "apphost-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(appHostDirectory)))[..10];
}
