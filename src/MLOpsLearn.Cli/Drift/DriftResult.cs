namespace MLOpsLearn.Cli.Drift;

/// <summary>What <c>mlops drift</c> found.</summary>
internal sealed record DriftResult
{
    public required DriftSettings Settings { get; init; }

    public required TableSize Reference { get; init; }

    public required TableSize Current { get; init; }

    /// <summary>One for the whole files, or one a segment.</summary>
    public required IReadOnlyList<DriftOutcome> Outcomes { get; init; }

    public required IReadOnlyList<DriftFinding> Findings { get; init; }

    /// <summary>Identity of the rule of the verdict.</summary>
    public required string Rule { get; init; }

    /// <summary>Tests that the correction ran over, those of all segments together.</summary>
    public required int Tests { get; init; }

    /// <summary>Whether values, missingness, or the columns themselves changed.</summary>
    public bool Drifted => Outcomes.Any(outcome => outcome.Drifted) || Findings.Any(finding => finding.Breaks);

    /// <summary>How many rows and columns a file has.</summary>
    internal sealed record TableSize(int Rows, int Columns);
}
