namespace MLOpsLearn.Cli.Demo;

/// <summary>What the user asked of the demo.</summary>
internal sealed record DemoSettings
{
    /// <summary>Folder of monthly files; null for generated trips.</summary>
    public string? Data { get; init; }

    public DateOnly? From { get; init; }

    public DateOnly? To { get; init; }

    /// <summary>A server that runs already; null to start one.</summary>
    public string? Server { get; init; }

    public string? Grpc { get; init; }

    public bool Json { get; init; }

    public string? Report { get; init; }

    public int Seed { get; init; } = 42;

    public string? State { get; init; }

    public bool Keep { get; init; }

    /// <summary>Generated trips: the city never changes.</summary>
    public bool NoChange { get; init; }
}
