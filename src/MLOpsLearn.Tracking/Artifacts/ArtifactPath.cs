using System.Text;
using System.Text.RegularExpressions;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>
/// Names that a run may give to its artifacts. Content is stored by digest, so that a name never becomes a path on the server's disk; what a
/// client's disk could be hurt by is refused all the same.
/// </summary>
internal static partial class ArtifactPath
{
    private const int MaxLength = 1000;
    private const int MaxPartBytes = 255;
    private const int MostEncodings = 5;

    /// <summary>The rule that the path breaks, also when some client decodes it (again); null when it breaks none.</summary>
    public static string? BrokenRule(string path)
    {
        if (path.Length is 0 or > MaxLength)
        {
            return $"must have 1 to {MaxLength} characters";
        }

        var parts = path.Count(c => c == '/');
        for (var i = 0; i < MostEncodings; i++)
        {
            if (BrokenAsItIs(path) is { } rule)
            {
                return rule;
            }

            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
            {
                return null;
            }

            if (decoded.Count(c => c == '/') != parts)
            {
                return "must not contain encoded slashes";
            }

            path = decoded;
        }

        return $"must not be percent-encoded {MostEncodings} times over";
    }

    private static string? BrokenAsItIs(string path)
    {
        if (path.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|'))
        {
            return "must not contain control characters, backslashes, colons or any of * ? \" < > |";
        }

        foreach (var part in path.Split('/'))
        {
            if (part.Length == 0 || part is "." or ".." || part.EndsWith(' ') || part.EndsWith('.'))
            {
                return "must consist of parts separated by single slashes, none of them '.' or '..', empty, or ending with a dot or a blank";
            }

            if (Encoding.UTF8.GetByteCount(part) > MaxPartBytes)
            {
                return $"must not have a part longer than {MaxPartBytes} bytes";
            }

            if (Reserved().IsMatch(part))
            {
                return "must not have a part that Windows keeps for a device, like CON, NUL or COM1";
            }
        }

        return null;
    }

    [GeneratedRegex(@"^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\.|$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Reserved();
}
