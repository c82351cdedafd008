using System.Text.RegularExpressions;
using MLOpsLearn.Contracts.Errors;
using MLOpsLearn.Contracts.Training.V1;

namespace MLOpsLearn.Training.Jobs;

/// <summary>Checks what a caller names as a job's input. Only names are checked here: files are opened by the worker alone.</summary>
internal static partial class JobInputChecks
{
    private const int MostFiles = 1000;
    private const int MostUriCharacters = 2000;

    public static void Input(this FieldChecks checks, JobInput input, IReadOnlyList<string> dataRoots)
    {
        switch (input.SourceCase)
        {
            case JobInput.SourceOneofCase.Files:
                Files(checks, input.Files.Uris, dataRoots);
                break;
            case JobInput.SourceOneofCase.Window:
                Window(checks, input.Window);
                break;
            default:
                checks.Fault("input", "", "must name files or a window, since the specification names no files");
                break;
        }
    }

    private static void Files(FieldChecks checks, IReadOnlyList<string> uris, IReadOnlyList<string> dataRoots)
    {
        checks.Range("input.files.uris", uris.Count, 1, MostFiles);
        for (var i = 0; i < Math.Min(uris.Count, MostFiles); i++)
        {
            var field = $"input.files.uris[{i}]";
            var uri = uris[i];
            if (uri.Length > MostUriCharacters || uri.Any(char.IsControl))
            {
                checks.Fault(field, uri, $"must have at most {MostUriCharacters} characters and no control characters");
            }
            else if (uri.StartsWith("file:", StringComparison.Ordinal))
            {
                var path = uri["file:".Length..];
                checks.Require(
                    dataRoots.Any(root => IsBelow(path, root)), field, uri, "must lie below one of the service's data roots (setting Training:DataRoots)");
            }
            else
            {
                checks.Require(
                    RunUri().IsMatch(uri) && !uri.Split('/').Any(part => part is "." or ".."),
                    field, uri, "must be runs:/<run id>/<artifact path> or file:<absolute path>");
            }
        }
    }

    private static void Window(FieldChecks checks, WindowInput window)
    {
        checks.Name("input.window.endpoint", window.Endpoint);
        checks.Require(window.Start is not null, "input.window.start", "", "must be set");
        checks.Require(window.End is not null, "input.window.end", "", "must be set");
        if (window.Start is not null && window.End is not null)
        {
            checks.Require(window.Start.CompareTo(window.End) < 0, "input.window.end", window.End, "must lie after the start");
        }
    }

    private static bool IsBelow(string path, string root)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            return false;
        }

        var full = Path.GetFullPath(path);
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + Path.DirectorySeparatorChar;
        return full.StartsWith(folder, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    [GeneratedRegex("^runs:/[0-9a-f]{32}/[^/\\\\:]+(/[^/\\\\:]+)*$")]
    private static partial Regex RunUri();
}
