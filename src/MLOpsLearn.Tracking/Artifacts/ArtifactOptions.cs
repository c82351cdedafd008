namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Where artifacts are kept.</summary>
internal sealed class ArtifactOptions
{
    public const string Section = "Artifacts";

    /// <summary>Folder of the store. No default.</summary>
    public string Root { get; set; } = "";
}
