using System.Globalization;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Derived;

/// <summary>
/// What of a column of instants can be compared: hour and weekday in UTC, the gap to the previous row, and the range. The instants
/// themselves always drift and are never tested.
/// </summary>
public sealed record DateTimeColumn
{
    /// <summary>Identity of the derived hour.</summary>
    public const string HourColumn = "hour(utc)";

    /// <summary>Identity of the derived weekday.</summary>
    public const string WeekdayColumn = "weekday(monday=0)";

    /// <summary>Identity of the derived gap.</summary>
    public const string GapColumn = "gap-seconds";

    private DateTimeColumn()
    {
    }

    /// <summary>Hours 0 to 23.</summary>
    public required CategoricalSample Hour { get; init; }

    /// <summary>Weekdays, Monday = 0.</summary>
    public required CategoricalSample Weekday { get; init; }

    /// <summary>Seconds between neighbouring instants in order of time.</summary>
    public required NumericSample GapSeconds { get; init; }

    /// <summary>Earliest instant; null without any.</summary>
    public DateTimeOffset? Minimum { get; private init; }

    /// <summary>Latest instant; null without any.</summary>
    public DateTimeOffset? Maximum { get; private init; }

    /// <summary>Whether the instants reach over at least 24 hours of the clock, so that each hour had its turn.</summary>
    public bool CoversDay => Minimum is not { } first || Maximum is not { } last || Covers(first, last, TimeSpan.TicksPerHour, 24);

    /// <summary>Whether the instants reach over at least 7 calendar days in UTC, so that each weekday had its turn.</summary>
    public bool CoversWeek => Minimum is not { } first || Maximum is not { } last || Covers(first, last, TimeSpan.TicksPerDay, 7);

    /// <summary>Rows with an instant, null, and (as type violations) text that is none.</summary>
    public ValueCounts Counts { get; private init; }

    /// <summary>Instants that came without offset and were taken as UTC.</summary>
    public long WithoutOffset { get; private init; }

    private DateTimeOffset[] Sorted { get; init; } = [];

    /// <summary>Derives the columns from instants.</summary>
    public static DateTimeColumn Create(IEnumerable<DateTimeOffset?> instants)
    {
        ArgumentNullException.ThrowIfNull(instants);
        var all = instants.ToList();
        var sorted = all.Where(instant => instant is not null).Select(instant => instant!.Value.ToUniversalTime()).Order().ToArray();
        return new()
        {
            Hour = Part(sorted, 24, instant => instant.Hour),
            Weekday = Part(sorted, 7, instant => ((int)instant.DayOfWeek + 6) % 7),
            GapSeconds = NumericSample.Create(
                [.. sorted.Zip(sorted.Skip(1), (before, after) => (after - before).TotalSeconds)]),
            Minimum = sorted.Length == 0 ? null : sorted[0],
            Maximum = sorted.Length == 0 ? null : sorted[^1],
            Counts = new(sorted.Length, all.Count - sorted.Length),
            Sorted = sorted,
        };
    }

    /// <summary>Derives the columns from ISO 8601 text, read without regard to any locale.</summary>
    public static DateTimeColumn Parse(IEnumerable<string?> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var instants = new List<DateTimeOffset?>();
        long violations = 0, withoutOffset = 0;
        foreach (var text in texts)
        {
            if (text is null)
            {
                instants.Add(null);
            }
            else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            {
                instants.Add(instant);
                withoutOffset += HasOffset(text) ? 0 : 1;
            }
            else
            {
                violations++;
            }
        }

        var column = Create(instants);
        return column with { Counts = column.Counts with { TypeViolations = violations }, WithoutOffset = withoutOffset };
    }

    /// <summary>Share of instants after a moment; null without any instant.</summary>
    public double? ShareAfter(DateTimeOffset moment) =>
        Sorted.Length == 0 ? null : (double)Sorted.Count(instant => instant > moment) / Sorted.Length;

    /// <summary>
    /// Seconds between what happened and its arrival, row by row: a numeric column to compare, <c>lateness-seconds</c>. Rows that lack
    /// one of the two are missing.
    /// </summary>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public static NumericSample Lateness(IReadOnlyList<DateTimeOffset?> happened, IReadOnlyList<DateTimeOffset?> arrived)
    {
        ArgumentNullException.ThrowIfNull(happened);
        ArgumentNullException.ThrowIfNull(arrived);
        ArgumentOutOfRangeException.ThrowIfNotEqual(arrived.Count, happened.Count, nameof(arrived));
        return NumericSample.Create([.. happened.Zip(arrived, static (before, after) => (after - before)?.TotalSeconds)]);
    }

    private static bool Covers(DateTimeOffset first, DateTimeOffset last, long part, int parts) =>
        (last.UtcTicks / part) - (first.UtcTicks / part) + 1 >= parts;

    private static bool HasOffset(string text)
    {
        var time = text.AsSpan(Math.Max(0, text.IndexOfAny(['T', ' '])));
        return time.IndexOfAny("Zz+") >= 0 || time.LastIndexOf('-') > 0;
    }

    private static CategoricalSample Part(DateTimeOffset[] instants, int parts, Func<DateTimeOffset, int> part)
    {
        var counts = new long[parts];
        foreach (var instant in instants)
        {
            counts[part(instant)]++;
        }

        return CategoricalSample.FromCounts([.. Enumerable.Range(0, parts).Select(i => CategoryKey.Of((double)i))], counts);
    }
}
