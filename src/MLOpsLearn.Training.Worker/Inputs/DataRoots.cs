namespace MLOpsLearn.Training.Worker.Inputs;

/// <summary>Finds the file that a "file:" input names, and refuses one that lies, links followed, outside the declared roots.</summary>
internal static class DataRoots
{
    private const int MostLinks = 40;

    /// <exception cref="WorkFault">Not below a root, or not there.</exception>
    public static string Resolve(string uri, IEnumerable<string> roots)
    {
        var path = uri["file:".Length..];
        if (path.Contains('\0') || !Path.IsPathFullyQualified(path))
        {
            throw new WorkFault($"Input '{uri}' must be file: and an absolute path.");
        }

        var real = FollowLinks(path);
        var isBelow = roots.Select(root => Path.TrimEndingDirectorySeparator(FollowLinks(root)) + Path.DirectorySeparatorChar)
            .Any(root => real.StartsWith(root, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));
        if (!isBelow)
        {
            throw new WorkFault($"Input '{uri}' does not lie below one of the service's data roots (setting Training:DataRoots).");
        }

        return File.Exists(real) ? real : throw new WorkFault($"Input '{uri}' is not there, or is not a file.");
    }

    private static string FollowLinks(string path)
    {
        var rest = new Stack<string>(Path.GetFullPath(path)[Path.GetPathRoot(path)!.Length..].Split(Path.DirectorySeparatorChar).Reverse());
        var real = Path.GetPathRoot(path)!;
        for (var links = 0; rest.Count > 0;)
        {
            var next = Path.Combine(real, rest.Pop());
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new WorkFault($"Input 'file:{path}' goes through too many links.");
            }

            var full = Path.GetFullPath(target, real);
            foreach (var part in full[Path.GetPathRoot(full)!.Length..].Split(Path.DirectorySeparatorChar).Reverse())
            {
                rest.Push(part);
            }

            real = Path.GetPathRoot(full)!;
        }

        return real;
    }
}
