using MLOpsLearn.Inference.Runtimes;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>
/// What an endpoint answers with at one moment: swapped as a whole, so a request ends on the version that it began with.
/// </summary>
internal sealed class EndpointSnapshot(
    string name, string workspace, LoadedVersion live, IReadOnlyList<LoadedVersion> loadedShadows, Guid deploymentId, bool hasAnswered, string? traceParent = null)
{
    private int _answered = hasAnswered ? 1 : 0;

    public string Name { get; } = name;

    public string Workspace { get; } = workspace;

    public LoadedVersion Live { get; } = live;

    /// <summary>The shadow versions in memory, whether they are asked now or not.</summary>
    public IReadOnlyList<LoadedVersion> LoadedShadows { get; } = loadedShadows;

    /// <summary>Versions that score the same rows beside: not the live one, and none that needs columns which the callers don't send.</summary>
    public IReadOnlyList<LoadedVersion> Shadows { get; } = [.. loadedShadows.Where(shadow =>
        shadow.Version != live.Version && shadow.Pipeline.Signature.IsCompatibleWith(live.Pipeline.Signature))];

    public Guid DeploymentId { get; } = deploymentId;

    /// <summary>W3C trace parent of the deployment; null after a restart.</summary>
    public string? TraceParent { get; } = traceParent;

    public bool HasAnswered => Volatile.Read(ref _answered) == 1;

    /// <summary>True for exactly one caller: the one that gave the first answer.</summary>
    public bool IsFirstAnswer() => !HasAnswered && Interlocked.Exchange(ref _answered, 1) == 0;

    public EndpointSnapshot WithShadows(IReadOnlyList<LoadedVersion> versions) => new(Name, Workspace, Live, versions, DeploymentId, HasAnswered, TraceParent);
}
