namespace Aspire.Hosting.Engine;

/// <summary>Finds installed programs.</summary>
internal static class Programs
{
    /// <summary>Folders that packages use without putting them on PATH; the first match wins over PATH for those that are named here.</summary>
    private static readonly Dictionary<string, string[]> KnownFolders = new(StringComparer.Ordinal)
    {
        // The rabbitmq-server on Debian's PATH is a wrapper that changes the user and leaves the broker behind when it is killed.
        ["rabbitmq-server"] = ["/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin"],
        ["postgres"] = Versions("/usr/lib/postgresql", "bin"),
        ["initdb"] = Versions("/usr/lib/postgresql", "bin"),
        ["epmd"] = Versions("/usr/lib/erlang", "bin", "erts-*"),
    };

    /// <summary>Full path of a program; null when it is not installed.</summary>
    public static string? Find(string name)
    {
        var folders = KnownFolders.GetValueOrDefault(name, [])
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        var file = OperatingSystem.IsWindows() ? name + ".exe" : name;
        return folders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
    }

    private static string[] Versions(string root, string leaf, string pattern = "*") => Directory.Exists(root)
        ? [.. Directory.EnumerateDirectories(root, pattern).OrderDescending(StringComparer.Ordinal).Select(folder => Path.Combine(folder, leaf))]
        : [];
}
