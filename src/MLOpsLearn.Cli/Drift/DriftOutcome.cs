using MLOpsLearn.Statistics.Drift;

namespace MLOpsLearn.Cli.Drift;

/// <summary>One comparison: of the whole files, or of one segment of them.</summary>
internal sealed record DriftOutcome
{
    /// <summary>Value of the segment column; null for the whole files, and for the segment of rows without a value.</summary>
    public required string? Segment { get; init; }

    /// <summary>The columns, in file order.</summary>
    public required IReadOnlyList<ComparedColumn> Columns { get; init; }

    /// <summary>Set under the Evidently-compatible profile.</summary>
    public EvidentlyReport? Evidently { get; init; }

    public bool Drifted => Evidently?.Drifted ?? Columns.Any(column => column.Drifted);

    /// <summary>Drifted columns / columns with a verdict; null when none has one.</summary>
    public double? DriftedShare
    {
        get
        {
            var judged = Columns.Count(column => column.IsJudged);
            return judged == 0 ? null : (double)Columns.Count(column => column.Drifted) / judged;
        }
    }
}
