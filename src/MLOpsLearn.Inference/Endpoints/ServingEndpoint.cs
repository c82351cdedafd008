using MLOpsLearn.Inference.Deployments;

namespace MLOpsLearn.Inference.Endpoints;

/// <summary>An endpoint as it is stored: what it follows, and which version it answers with.</summary>
internal sealed class ServingEndpoint
{
    public required string Workspace { get; init; }

    public required string Name { get; init; }

    public required string Model { get; init; }

    public required string Alias { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public List<int> ShadowVersions { get; private set; } = [];

    /// <summary>The version in service; it comes up again after a restart, also when the registry doesn't answer.</summary>
    public int Version { get; private set; }

    /// <summary>The deployment that brought <see cref="Version"/> into service.</summary>
    public Guid DeploymentId { get; private set; }

    public VersionDeployment Deploy(int version, DateTimeOffset time, TimeSpan load)
    {
        var deployment = new VersionDeployment
        {
            Id = Guid.CreateVersion7(),
            Workspace = Workspace,
            Endpoint = Name,
            Model = Model,
            Version = version,
            PreviousVersion = Version,
            SwappedAt = time,
            LoadMilliseconds = load.TotalMilliseconds,
        };
        Version = version;
        DeploymentId = deployment.Id;
        return deployment;
    }

    public void Shadow(IEnumerable<int> versions) => ShadowVersions = [.. versions];
}
