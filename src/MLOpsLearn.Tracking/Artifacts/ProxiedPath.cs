using System.Text;
using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>
/// Paths that MLflow's clients give. More names are allowed than in our own contract, since a name never becomes a path on the server's disk;
/// what would lead out of the root for somebody who decodes it (again) is refused as the original refuses it.
/// </summary>
internal static class ProxiedPath
{
    private const int MaxLength = 1000;
    // An index of PostgreSQL keeps some 2,700 bytes.
    private const int MaxBytes = 2500;
    private const int MostEncodings = 10;

    /// <summary>The path in parts joined by single slashes; empty for the root.</summary>
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public static string Check(string path)
    {
        var decoded = path;
        for (var i = 0; i < MostEncodings; i++)
        {
            if (IsHostile(decoded))
            {
                throw Invalid();
            }

            var next = Uri.UnescapeDataString(decoded);
            if (next == decoded)
            {
                return Normalise(path);
            }

            decoded = next;
        }

        throw Invalid();
    }

    /// <summary>The path of a file: never the root.</summary>
    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public static string CheckFile(string path) => Check(path) is { Length: > 0 } file ? file : throw Invalid();

    /// <summary>Whether a part of the path is "..", also when its dots are encoded.</summary>
    public static bool StepsUp(string target) =>
        (target.Contains("..", StringComparison.Ordinal) || target.Contains("%2e", StringComparison.OrdinalIgnoreCase))
        && Array.Exists(target.Split('/'), part => Uri.UnescapeDataString(part) == "..");

    private static bool IsHostile(string path) =>
        path.StartsWith('/') || path.Contains('#') || path.Contains('\\') || path.Any(char.IsControl)
        || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]))
        || path.Split('/').Contains("..");

    // A slash that came encoded is a slash to the original.
    private static string Normalise(string path)
    {
        var parts = path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/').Where(part => part is not ("" or "."));
        var normal = string.Join('/', parts);
        return normal.Length <= MaxLength && Encoding.UTF8.GetByteCount(normal) <= MaxBytes && !normal.Contains('\uFFFD') ? normal : throw Invalid();
    }

    private static MLflowException Invalid() => MLflowException.Invalid("Invalid path");
}
