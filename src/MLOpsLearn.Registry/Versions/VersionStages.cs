namespace MLOpsLearn.Registry.Versions;

/// <summary>The stages of a version: the older way to say which one is in use; aliases are the newer.</summary>
internal static class VersionStages
{
    public const string None = "None";
    public const string Staging = "Staging";
    public const string Production = "Production";
    public const string Archived = "Archived";

    public static readonly IReadOnlyList<string> All = [None, Staging, Production, Archived];

    /// <summary>The stage as it is written, whatever the case it came in; null when there is no such stage.</summary>
    public static string? Find(string stage) => All.FirstOrDefault(known => string.Equals(known, stage, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether versions serve in it, so that others can be archived to make room.</summary>
    public static bool IsActive(string stage) => stage is Staging or Production;
}
