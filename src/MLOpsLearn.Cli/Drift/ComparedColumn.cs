using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Drift;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift;

/// <summary>One compared column with what the report shows of it; the rows themselves are gone by then.</summary>
internal sealed record ComparedColumn
{
    private const int Bars = 30;

    /// <summary>The comparison; its verdict is that of all columns together.</summary>
    public required ColumnDrift Drift { get; init; }

    /// <summary>Set under the Evidently-compatible profile, whose verdict then stands.</summary>
    public EvidentlyColumn? Evidently { get; init; }

    public required Histogram Histogram { get; init; }

    /// <summary>What each bin or category adds to the PSI.</summary>
    public required IReadOnlyList<BinContribution> Contributions { get; init; }

    /// <summary>Null for categories, and when the side is empty.</summary>
    public NumberFacts? Reference { get; private init; }

    public NumberFacts? Current { get; private init; }

    /// <summary>The test that the verdict stands on: that of the values, unless only missing values drifted.</summary>
    public TestVerdict Deciding => Drift.Values.Drifted != true && Drift.Missingness is { Drifted: true } missingness ? missingness : Drift.Values;

    public bool Drifted => Evidently is null ? Drift.Drifted : Evidently.Drifted == true;

    /// <summary>Whether the column drifted, or its values have a verdict: that two empty sides miss equally much says nothing of the values.</summary>
    public bool IsJudged => Drifted || (Evidently is null ? Drift.Values.Drifted : Evidently.Drifted) is not null;

    /// <summary>Compares one column; the verdict is not yet corrected over the others.</summary>
    public static ComparedColumn Of(DriftColumn reference, DriftColumn current, DriftOptions options, bool evidently, CancellationToken cancellationToken)
    {
        var numbers = reference.NumericSample is { } left && current.NumericSample is { } right ? new NumericPair(left, right) : null;
        var categories = reference.CategoricalSample is { } before && current.CategoricalSample is { } after ? new CategoricalPair(before, after) : null;
        return new()
        {
            Drift = DriftReport.Compare([reference], [current], options with { DegreeOfParallelism = 1 }, cancellationToken).Columns[0],
            Evidently = evidently ? EvidentlyReport.Compare([reference], [current], cancellationToken).Columns[0] : null,
            Histogram = Histogram.Of(numbers, categories, Bars),
            Contributions = numbers is not null ? BinnedDistance.PsiContributions(numbers) : categories is not null ? CategoryDivergence.PsiContributions(categories) : [],
            Reference = numbers is null ? null : NumberFacts.Of(numbers.Reference),
            Current = numbers is null ? null : NumberFacts.Of(numbers.Current),
        };
    }
}
