namespace MLOpsLearn.Statistics.Alerts;

/// <summary>Limits and patience of a monitor. Equality with <see cref="Raise"/> is no breach; equality with <see cref="Clear"/> is clear.</summary>
public sealed record AlertMonitorConfig
{
    /// <summary>Which side of the limit is bad.</summary>
    public AlertDirection Direction { get; init; } = AlertDirection.Above;

    /// <summary>The limit.</summary>
    public required double Raise { get; init; }

    /// <summary>Back to normal at or beyond this value, on the safe side of <see cref="Raise"/>; null means <see cref="Raise"/>.</summary>
    public double? Clear { get; init; }

    /// <summary>Consecutive breaches that fire, at least 1.</summary>
    public int For { get; init; } = 2;

    /// <summary>Consecutive clear values that resolve, at least 1.</summary>
    public int ClearFor { get; init; } = 2;

    /// <summary>Consecutive undefined evaluations that lead to <see cref="AlertPhase.NoData"/>, at least 1.</summary>
    public int NoDataAfter { get; init; } = 3;

    /// <summary>Evaluations after which a firing monitor repeats itself; 0 never.</summary>
    public int RenotifyEvery { get; init; }

    /// <summary>Evaluations after resolving within which firing again is the same incident; 0 none.</summary>
    public int Cooldown { get; init; }

    internal bool IsBreach(double value) => Direction == AlertDirection.Above ? value > Raise : value < Raise;

    internal bool IsClear(double value) => Direction == AlertDirection.Above ? value <= (Clear ?? Raise) : value >= (Clear ?? Raise);

    internal void Check()
    {
        if (!double.IsFinite(Raise))
        {
            throw new ArgumentOutOfRangeException(nameof(Raise), Raise, "The limit is a finite number.");
        }

        if (Clear is { } clear && (!double.IsFinite(clear) || IsBreach(clear)))
        {
            throw new ArgumentOutOfRangeException(nameof(Clear), clear, "The clear limit is a finite number on the safe side of the limit.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(For, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ClearFor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NoDataAfter, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(RenotifyEvery);
        ArgumentOutOfRangeException.ThrowIfNegative(Cooldown);
    }
}
