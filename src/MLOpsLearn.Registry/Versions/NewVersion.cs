namespace MLOpsLearn.Registry.Versions;

/// <summary>A version to be registered; the number is given when it is.</summary>
internal sealed record NewVersion(string Model, string Source, IDictionary<string, string> Tags)
{
    public string? StorageLocation { get; init; }

    public string RunId { get; init; } = "";

    public string RunLink { get; init; } = "";

    public string ModelId { get; init; } = "";

    public string? Description { get; init; }

    /// <summary>Null when there is no file of ours to serve.</summary>
    public ServedFile? File { get; init; }
}

/// <summary>What serving loads, and what it needs to know of it.</summary>
internal sealed record ServedFile(string ArtifactPath, string Name, string Sha256, long SizeBytes, string SignatureJson, string OriginJson);
