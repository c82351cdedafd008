namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Where artifacts are kept.</summary>
internal sealed class ArtifactOptions
{
    public const string Section = "Artifacts";

    /// <summary>Folder of the store. No default.</summary>
    public string Root { get; set; } = "";

    /// <summary>How long a content must have lain unused before a clean-up takes it. Default one hour: an upload may be about to refer to it.</summary>
    public TimeSpan SweepGrace { get; set; } = TimeSpan.FromHours(1);
}
