using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics;

/// <summary>Settings of <see cref="DriftReport.Compare"/>. The defaults keep their false-alarm rate at every window size.</summary>
public sealed record DriftOptions
{
    /// <summary>Largest adjusted p-value that counts as drift; 0.05, above 0 and below 1. Use 0.01 for schedules faster than daily.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>Correction over all tests of the report; Benjamini-Hochberg.</summary>
    public Correction Correction { get; init; } = Correction.BenjaminiHochberg;

    /// <summary>Smallest Kolmogorov-Smirnov distance that matters; 0.05 (a shift of 0.2 standard deviations is 0.08).</summary>
    public double NumericEffectFloor { get; init; } = 0.05;

    /// <summary>Smallest balanced Cramer's V that matters; 0.1.</summary>
    public double CategoricalEffectFloor { get; init; } = 0.1;

    /// <summary>Smallest balanced Cramer's V of the missingness table that matters; 0.05 (from none to 0.5 % missing).</summary>
    public double MissingnessEffectFloor { get; init; } = 0.05;

    /// <summary>Fewest cleaned current rows for a verdict; 30. Smaller windows are undefined (below_min_sample).</summary>
    public int MinimumRows { get; init; } = 30;

    /// <summary>When the table as a whole has drifted.</summary>
    public TableRule TableRule { get; init; } = TableRule.AnyColumn;

    /// <summary>Smallest share of drifted columns under <see cref="TableRule.Share"/>; 0.5, above 0 and at most 1.</summary>
    public double DriftShare { get; init; } = 0.5;

    /// <summary>Columns compared at the same time; 1 or more, by default the number of processors.</summary>
    public int DegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    internal void Check()
    {
        if (!(Alpha > 0 && Alpha < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Alpha), Alpha, "Alpha lies above 0 and below 1.");
        }

        if (!(DriftShare > 0 && DriftShare <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(DriftShare), DriftShare, "The share lies above 0 and is at most 1.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(NumericEffectFloor);
        ArgumentOutOfRangeException.ThrowIfNegative(CategoricalEffectFloor);
        ArgumentOutOfRangeException.ThrowIfNegative(MissingnessEffectFloor);
        ArgumentOutOfRangeException.ThrowIfNegative(MinimumRows);
        ArgumentOutOfRangeException.ThrowIfLessThan(DegreeOfParallelism, 1);
    }
}
