namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>
/// Names that a run may give to its artifacts. Content is stored by digest, so that a name never becomes a path on the server's disk; what a
/// client's disk could be hurt by is refused all the same.
/// </summary>
internal static class ArtifactPath
{
    private const int MaxLength = 1000;

    /// <summary>The rule that the path breaks; null when it breaks none.</summary>
    public static string? BrokenRule(string path)
    {
        if (path.Length is 0 or > MaxLength)
        {
            return $"must have 1 to {MaxLength} characters";
        }

        if (path.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'))
        {
            return "must not contain control characters, backslashes, colons or any of * ? \" < > |";
        }

        if (path.Contains("%2f", StringComparison.OrdinalIgnoreCase) || path.Contains("%5c", StringComparison.OrdinalIgnoreCase))
        {
            return "must not contain encoded slashes";
        }

        return path.Split('/').Any(part => part.Length == 0 || part is "." or ".." || part.EndsWith(' ') || part.EndsWith('.'))
            ? "must consist of parts separated by single slashes, none of them '.' or '..', empty, or ending with a dot or a blank"
            : null;
    }
}
