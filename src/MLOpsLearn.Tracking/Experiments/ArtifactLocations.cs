using System.Globalization;

namespace MLOpsLearn.Tracking.Experiments;

/// <summary>Where clients put artifacts: below what the experiment says, or in this server's own store.</summary>
internal static class ArtifactLocations
{
    public const int Longest = 2048;

    private static readonly string[] SchemesWithParameters = ["", "ftp", "http", "https", "sftp"];

    /// <summary>The rule that a location of an experiment breaks; null for a good one.</summary>
    public static string? BrokenRule(string location) => location.Length > Longest ? $"must have at most {Longest} characters"
        : location.StartsWith("runs:", StringComparison.Ordinal) ? "must not be a runs:/ URI"
        : location.Contains('#', StringComparison.Ordinal) || HasParameters(location) ? "must not contain a fragment ('#') or parameters (';')"
        : null;

    public static string OfExperiment(string? location, long experimentId) =>
        location ?? string.Create(CultureInfo.InvariantCulture, $"mlflow-artifacts:/{experimentId}");

    public static string OfRun(string? location, long experimentId, string runId) => Below(OfExperiment(location, experimentId), $"{runId}/artifacts");

    public static string OfModel(string? location, long experimentId, string modelId) =>
        Below(OfExperiment(location, experimentId), $"models/{modelId}/artifacts");

    public static string OfTrace(string? location, long experimentId, string traceId) =>
        Below(OfExperiment(location, experimentId), $"traces/{traceId}/artifacts");

    /// <summary>The location itself; a path that begins nowhere lies below this process's folder, as the original has it.</summary>
    public static string Resolved(string location) =>
        Scheme(location).Length > 0 || Path.IsPathRooted(location) ? location : Path.Join(Directory.GetCurrentDirectory(), location);

    // Whether a semicolon of the last segment begins parameters depends on the scheme (RFC 1808).
    private static bool HasParameters(string location) =>
        SchemesWithParameters.Contains(Scheme(location)) && location.AsSpan(location.LastIndexOf('/') + 1).Contains(';');

    private static string Scheme(string location)
    {
        var colon = location.IndexOf(':', StringComparison.Ordinal);
        // A single letter is a drive of Windows.
        return colon > 1 && Uri.CheckSchemeName(location[..colon]) ? location[..colon].ToLowerInvariant() : "";
    }

    /// <summary>A path below a location, which may end in a slash or have a query that stays at the end.</summary>
    private static string Below(string location, string path)
    {
        var query = location.IndexOf('?', StringComparison.Ordinal);
        var (place, rest) = query < 0 ? (location, "") : (location[..query], location[query..]);
        return $"{place.TrimEnd('/')}/{path}{rest}";
    }
}
