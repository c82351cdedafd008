using MLOpsLearn.Cli.Drift.Input;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Derived;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>Numbers, or instants as microseconds since 1970 in UTC.</summary>
internal sealed class NumberColumn(int rows) : RawColumn
{
    private const double Second = 1e6;
    private const double Hour = 3600 * Second;
    private const double Day = 24 * Hour;

    // 1970-01-01 was a Thursday, and Monday is 0.
    private const int FirstWeekday = 3;
    private readonly double[] _values = new double[rows];
    private int _count;

    public long Nulls { get; set; }

    /// <summary>First and last instant; null without any.</summary>
    public (DateTime First, DateTime Last)? Span()
    {
        var (first, last) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in _values.AsSpan(0, _count))
        {
            (first, last) = (Math.Min(first, value), Math.Max(last, value));
        }

        return _count == 0 ? null : (Instant(first), Instant(last));

        static DateTime Instant(double microseconds) => DateTime.UnixEpoch.AddTicks((long)Math.Clamp(
            microseconds * TimeSpan.TicksPerMicrosecond, (DateTime.MinValue - DateTime.UnixEpoch).Ticks, (DateTime.MaxValue - DateTime.UnixEpoch).Ticks));
    }

    public void Add(double value) => _values[_count++] = value;

    public override IReadOnlyList<DriftColumn> Derive(ColumnPlan plan, RawColumn other) => plan.Kind == DriftKind.Numeric
        ? [DriftColumn.Numeric(plan.Name, NumericSample.Create(_values.AsSpan(0, _count), Nulls, Violations))]
        : Instants(plan);

    // The nulls go to the first of them: one test of missingness for one column.
    private List<DriftColumn> Instants(ColumnPlan plan)
    {
        var columns = new List<DriftColumn>(3);
        var nulls = Nulls;
        var values = _values.AsSpan(0, _count);
        var timesOnly = plan.Reference.Class == ColumnClass.Time || plan.Current.Class == ColumnClass.Time;
        var sorted = timesOnly ? ReadOnlySpan<double>.Empty : NumericSample.Create(values).Sorted;
        if (plan.Reference.Class != ColumnClass.Date || plan.Current.Class != ColumnClass.Date)
        {
            columns.Add(Part(DateTimeColumn.HourColumn, 24, values, value => (int)(Modulo(value, Day) / Hour), timesOnly || Covers(sorted, Hour, 24)));
        }

        if (timesOnly)
        {
            return columns;
        }

        columns.Add(Part(DateTimeColumn.WeekdayColumn, 7, values, value => (int)Modulo(Math.Floor(value / Day) + FirstWeekday, 7), Covers(sorted, Day, 7)));
        var gaps = new double[Math.Max(0, sorted.Length - 1)];
        for (var i = 0; i < gaps.Length; i++)
        {
            gaps[i] = (sorted[i + 1] - sorted[i]) / Second;
        }

        columns.Add(DriftColumn.Numeric($"{plan.Name} {DateTimeColumn.GapColumn}", NumericSample.Create(gaps)));
        return columns;

        DriftColumn Part(string name, int parts, ReadOnlySpan<double> instants, Func<double, int> part, bool covered)
        {
            var counts = new long[parts];
            foreach (var value in instants)
            {
                counts[part(value)]++;
            }

            var sample = CategoricalSample.FromCounts([.. Enumerable.Range(0, parts).Select(i => CategoryKey.Of((double)i))], counts, nulls);
            nulls = 0;
            var column = DriftColumn.Categorical($"{plan.Name} {name}", sample);
            return covered ? column : column.WithoutVerdict(UndefinedReason.ShortSpan);
        }
    }

    // The mix of hours or weekdays says something only where each of them had its turn.
    private static bool Covers(ReadOnlySpan<double> sorted, double part, int parts) =>
        sorted.IsEmpty || Math.Floor(sorted[^1] / part) - Math.Floor(sorted[0] / part) + 1 >= parts;

    private static double Modulo(double value, double by) => value - Math.Floor(value / by) * by;
}
