namespace MLOpsLearn.Cli.Drift;

/// <summary>What the user asked of <c>mlops drift</c>.</summary>
internal sealed record DriftSettings
{
    public required string Reference { get; init; }

    public required string Current { get; init; }

    /// <summary>Columns to compare; empty for all.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Kinds that the user states, by column; the others are inferred.</summary>
    public IReadOnlyDictionary<string, DriftKind> Kinds { get; init; } = new Dictionary<string, DriftKind>();

    public double Alpha { get; init; } = 0.05;

    /// <summary>Column whose values are compared apart.</summary>
    public string? Segment { get; init; }

    public bool EvidentlyCompatible { get; init; }
}
