using System.Text.Json.Serialization;

namespace MLOpsLearn.Cli.Demo;

/// <summary>What the demo found, in the form that <c>--json</c> prints.</summary>
internal sealed record DemoResult
{
    public required bool Closed { get; init; }

    public required string Data { get; init; }

    public required double? FirstRmse { get; init; }

    public required double? LinearBaselineRmse { get; init; }

    public required IReadOnlyList<MonthResult> Months { get; init; }

    public required Comparison RmseAfterFirstRetraining { get; init; }

    public required double? LoopOverheadSeconds { get; init; }

    public required double ReplayRowsPerSecond { get; init; }

    public required double Seconds { get; init; }

    [JsonIgnore]
    public string Model { get; init; } = "";
}

/// <summary>One replayed month.</summary>
internal sealed record MonthResult
{
    public required string Month { get; init; }

    public required long Rows { get; init; }

    public required bool Drift { get; init; }

    public required IReadOnlyList<string> DriftedFeatures { get; init; }

    public required double? RmseFrozen { get; init; }

    public required double? RmseLive { get; init; }

    public required double? SkillFrozen { get; init; }

    public required double? SkillLive { get; init; }

    public required int Version { get; init; }

    public required IReadOnlyList<LoopEvent> Events { get; init; }

    /// <summary>Effect of the drift test of each feature, for the report.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, double> Effects { get; init; } = new Dictionary<string, double>();

    /// <summary>The version that the month's end promoted; 0 when none.</summary>
    [JsonIgnore]
    public int Promoted { get; init; }
}

/// <summary>What the loop did: "alert", "retrain", "promoted" or "refused".</summary>
internal sealed record LoopEvent(string Kind, string Reason);

/// <summary>Mean errors over the months that began after the first promotion; null when there is none.</summary>
internal sealed record Comparison(double? Frozen, double? Live);
