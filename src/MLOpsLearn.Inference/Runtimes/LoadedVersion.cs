using MLOpsLearn.Learning.Scoring;

namespace MLOpsLearn.Inference.Runtimes;

/// <summary>A version in memory, verified and warm.</summary>
internal sealed record LoadedVersion(KnownVersion Facts, FittedPipeline Pipeline)
{
    public int Version => Facts.Version;
}
