namespace MLOpsLearn.Cli.Drift;

/// <summary>What the user asked of <c>mlops drift</c>.</summary>
internal sealed record DriftSettings
{
    public required string Reference { get; init; }

    public required string Current { get; init; }

    /// <summary>Columns to compare; empty for all.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Columns to take as categories whatever their type.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>Columns to take as numbers whatever their type; what is no number is a type violation.</summary>
    public IReadOnlyList<string> Numeric { get; init; } = [];

    public double Alpha { get; init; } = 0.05;

    /// <summary>Column whose values are compared apart.</summary>
    public string? Segment { get; init; }

    public bool EvidentlyCompatible { get; init; }
}
