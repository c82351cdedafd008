using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Drift;

namespace MLOpsLearn.Cli.Drift;

/// <summary>One comparison: of the whole files, or of one segment of them.</summary>
internal sealed record DriftOutcome
{
    /// <summary>Value of the segment column; null for the whole files.</summary>
    public string? Segment { get; init; }

    public required DriftReport Report { get; init; }

    /// <summary>Set under the Evidently-compatible profile; its verdicts then stand.</summary>
    public EvidentlyReport? Evidently { get; init; }

    /// <summary>The sides, in the order of the report's columns.</summary>
    public required IReadOnlyList<(DriftColumn Reference, DriftColumn Current)> Columns { get; init; }

    public bool Drifted => Evidently?.Drifted ?? Report.Drifted;

    public bool IsJudged => Evidently is { } profile ? profile.Columns.Any(column => column.Drifted is not null) : Report.DriftedShare is not null;
}
