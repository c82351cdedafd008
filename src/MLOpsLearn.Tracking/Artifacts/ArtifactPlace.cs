namespace MLOpsLearn.Tracking.Artifacts;

/// <summary>Where a file is: below a run, or below none.</summary>
/// <param name="RunKey">The run; 0 for what belongs to none, like the files of a logged model.</param>
/// <param name="Path">Below the run; the whole place in the store when there is none. Empty for the root itself.</param>
internal readonly record struct ArtifactPlace(long RunKey, string Path)
{
    public ArtifactPlace Below(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}/{name}" };
}
