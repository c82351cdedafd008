using MLOpsLearn.MLflow.Errors;

namespace MLOpsLearn.Registry.Sources;

/// <summary>Which sources a version may name: none that would make somebody read a file of this machine.</summary>
internal static class SourceRules
{
    private const int MostEncodings = 10;

    /// <exception cref="MLflowException">INVALID_PARAMETER_VALUE.</exception>
    public static void Check(string source, bool isPrompt)
    {
        var scheme = Scheme(source);
        if (scheme is "" or "file")
        {
            // The runs of this server keep their artifacts behind it, so no local path lies within one's folder.
            if (!isPrompt || scheme == "file" || source.StartsWith('/'))
            {
                throw MLflowException.Invalid(isPrompt
                    ? $"Invalid prompt source: '{source}'. Local paths are not allowed as a prompt's source."
                    : $"Invalid model version source: '{source}'. To use a local path as a model version source, the run_id request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the run_id.");
            }

            return;
        }

        if (!IsPlain(PathOf(source, scheme)))
        {
            throw MLflowException.Invalid(
                $"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.");
        }
    }

    /// <summary>The part before the colon in lower case; empty when there is none.</summary>
    public static string Scheme(string source)
    {
        var colon = source.IndexOf(':', StringComparison.Ordinal);
        // A single letter is a drive of Windows.
        return colon > 1 && char.IsAsciiLetter(source[0]) && source.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0 ? source[..colon].ToLowerInvariant() : "";
    }

    // Without the host, and without the query and fragment.
    private static string PathOf(string source, string scheme)
    {
        var rest = source[(scheme.Length + 1)..];
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            var slash = rest.IndexOf('/', 2);
            rest = slash < 0 ? "" : rest[slash..];
        }

        var end = rest.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? rest : rest[..end];
    }

    private static bool IsPlain(string path)
    {
        for (var i = 0; i < MostEncodings; i++)
        {
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path)
            {
                // Slashes that follow each other are one.
                var trimmed = path.TrimEnd('/');
                return trimmed.Length > 0 && !trimmed.Contains('\0') && trimmed[0] == '/'
                    && !trimmed.Split('/').Contains(".") && !trimmed.Split('/', '\\').Contains("..");
            }

            path = decoded;
        }

        return false;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
}
