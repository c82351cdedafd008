namespace MLOpsLearn.Cli.Trips;

/// <summary>The trips of a month in order of time, column by column.</summary>
/// <param name="Month">First day of the month, UTC.</param>
/// <param name="FileRows">Rows of the file.</param>
/// <param name="OutsideMonth">Rows of the file that began in another month, or at no readable moment: dropped.</param>
/// <param name="EventTimesMs">When each trip began, the city's local time taken as UTC.</param>
/// <param name="PickupZones">Zone where it began.</param>
/// <param name="DropoffZones">Zone where it ended.</param>
/// <param name="Distances">Miles; NaN is missing.</param>
/// <param name="Hours">0 to 23.</param>
/// <param name="Weekdays">Monday is 0.</param>
/// <param name="Durations">Minutes.</param>
internal sealed record TripMonth(
    DateOnly Month,
    long FileRows,
    long OutsideMonth,
    long[] EventTimesMs,
    long[] PickupZones,
    long[] DropoffZones,
    double[] Distances,
    long[] Hours,
    long[] Weekdays,
    double[] Durations)
{
    public int Rows => EventTimesMs.Length;

    /// <summary>The moment at which the month is over.</summary>
    public DateTimeOffset End => new(Month.AddMonths(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    public string Name => Month.ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
}
