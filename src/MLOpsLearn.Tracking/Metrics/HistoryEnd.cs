using System.Data.Common;

namespace MLOpsLearn.Tracking.Metrics;

/// <summary>What is kept of a history beside its points: its latest value, and the stretch of steps at its end.</summary>
/// <param name="Latest">The value of the highest step, of the latest time within it, the greatest of those.</param>
/// <param name="IsInOrder">Whether the history by step is also the history by time.</param>
/// <param name="Stretch">The last stretch of its steps; without a step when they are not counted.</param>
/// <param name="LateWrites">How many calls logged steps before the last.</param>
internal readonly record struct HistoryEnd(LoggedValue Latest, bool IsInOrder, Stretch Stretch, long LateWrites)
{
    /// <summary>The columns that <see cref="Read"/> takes, of the table alias l.</summary>
    public const string Columns = "l.step, l.time_ms, l.value, l.is_nan, l.in_order, l.stretch_first, l.stretch_steps, l.stretch_stride, l.late_writes";

    public static HistoryEnd Read(DbDataReader row, int at) => new(
        new LoggedValue("", row.GetBoolean(at + 3) ? double.NaN : row.GetDouble(at + 2), row.GetInt64(at), row.GetInt64(at + 1)),
        row.GetBoolean(at + 4),
        new Stretch(row.GetInt64(at + 5), row.GetInt64(at), row.GetInt64(at + 6), row.GetInt64(at + 7)),
        row.GetInt64(at + 8));

    /// <summary>The end of the history with more values.</summary>
    /// <param name="end">What it was; null for the first values of a history.</param>
    /// <param name="rows">At least one value of the history, sorted.</param>
    /// <param name="complete">Takes each stretch that is complete now.</param>
    public static HistoryEnd After(HistoryEnd? end, ReadOnlySpan<MetricRow> rows, Action<Stretch> complete)
    {
        var isLate = end is { } before && rows[0].Logged.Step < before.Latest.Step;
        var isInOrder = end is not { } known || (known.IsInOrder && !isLate && rows[0].Logged.TimeMs >= known.Latest.TimeMs);
        var stretch = isLate ? default : end?.Stretch ?? Stretch.Of(rows[0].Logged.Step);
        for (var i = 0; i < rows.Length; i++)
        {
            isInOrder &= i == 0 || rows[i].Logged.TimeMs >= rows[i - 1].Logged.TimeMs;
            if (stretch.Steps == 0 || rows[i].Logged.Step == stretch.Last)
            {
                continue;
            }

            if (stretch.With(rows[i].Logged.Step) is { } longer)
            {
                stretch = longer;
            }
            else
            {
                complete(stretch);
                stretch = Stretch.Of(rows[i].Logged.Step);
            }
        }

        var latest = end is { } old && rows[^1].Logged.CompareTo(old.Latest) < 0 ? old.Latest : rows[^1].Logged;
        return new HistoryEnd(latest, isInOrder, stretch, (end?.LateWrites ?? 0) + (isLate ? 1 : 0));
    }
}
