using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Derived;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Drift;

public sealed class DriftReportTests
{
    [Fact]
    public void A_shifted_column_drifts_and_an_equal_one_does_not()
    {
        var random = new Random(7);
        var report = DriftReport.Compare(
            [DriftColumn.Numeric("same", Normal(random, 3000, 0)), DriftColumn.Numeric("moved", Normal(random, 3000, 0))],
            [DriftColumn.Numeric("same", Normal(random, 2000, 0)), DriftColumn.Numeric("moved", Normal(random, 2000, 0.3))]);

        Assert.False(report.Columns[0].Drifted);
        Assert.True(report.Columns[1].Drifted);
        Assert.Equal(0.5, report.DriftedShare);
        Assert.Equal("ks(method=auto)", report.Columns[1].Method);
    }

    [Fact]
    public void Columns_compared_apart_are_judged_like_columns_compared_together()
    {
        var random = new Random(11);
        var reference = Enumerable.Range(0, 8).Select(i => DriftColumn.Numeric($"c{i}", Normal(random, 500, 0))).ToList();
        var current = Enumerable.Range(0, 8).Select(i => DriftColumn.Numeric($"c{i}", Normal(random, 400, i * 0.05))).ToList();
        var apart = reference.Zip(current, (left, right) => DriftReport.Compare([left], [right]).Columns[0]).ToList();

        var together = DriftReport.Compare(reference, current).Columns;
        Assert.Equal(together.Select(column => column.Values), DriftReport.Judge(apart).Columns.Select(column => column.Values));
        Assert.NotEqual(together.Select(column => column.Values), apart.Select(column => column.Values));
    }

    [Fact]
    public void A_significant_difference_below_the_floor_is_not_drift()
    {
        var reference = Enumerable.Range(0, 200_000).Select(i => (double)i).ToArray();
        var current = reference.Select(x => x + 2000).ToArray();
        var column = DriftReport.Compare([DriftColumn.Numeric("x", reference)], [DriftColumn.Numeric("x", current)]).Columns[0];

        Assert.True(column.Values.AdjustedPValue < 0.05);
        Assert.Equal(0.01, column.Values.Effect.Statistic!.Value, 12);
        Assert.False(column.Drifted);
    }

    [Fact]
    public void One_moved_column_of_rare_categories_is_found_among_many()
    {
        var random = new Random(5);
        string Rare(int from) => $"c{from + random.Next(12)}";
        DriftColumn[] Table(int moved) => [.. Enumerable.Range(0, 200).Select(column =>
            DriftColumn.Categorical($"k{column}", [.. Enumerable.Range(0, 60).Select(_ => Rare(column == 17 ? moved : 0))]))];

        var report = DriftReport.Compare(Table(0), Table(9));

        Assert.Equal(["k17"], report.Columns.Where(column => column.Drifted).Select(column => column.Name));
        Assert.Contains("permutation", report.Columns[17].Method, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, UndefinedReason.ShortSpan, UndefinedReason.ShortSpan)]
    [InlineData(24, UndefinedReason.ShortSpan, null)]
    [InlineData(144, UndefinedReason.ShortSpan, null)]
    [InlineData(145, null, null)]
    public void The_mix_of_a_cycle_that_is_not_whole_gets_no_verdict(int hours, UndefinedReason? weekday, UndefinedReason? hour)
    {
        DriftColumn[] Rows(int last) => [.. DriftColumn.Instants("at", DateTimeColumn.Create(
            Enumerable.Range(0, 600).Select(i => (DateTimeOffset?)DateTimeOffset.UnixEpoch.AddHours(i * (last - 1) / 599))))];
        var columns = DriftReport.Compare(Rows(28 * 24), Rows(hours)).Columns;

        Assert.Equal((hour, weekday), (columns[0].Undefined, columns[1].Undefined));
        Assert.Equal(hour is not null, columns[0].Values.Drifted is null);
        Assert.Equal(weekday is not null, columns[1].Values.Drifted is null);
        Assert.NotNull(columns[1].Values.Effect.Statistic);
    }

    [Fact]
    public void Values_that_vanish_drift_by_their_missingness()
    {
        var values = Normal(new(3), 1000, 0);
        var broken = values.Select((x, i) => i % 10 == 0 ? double.NaN : x).ToArray();
        var column = DriftReport.Compare([DriftColumn.Numeric("x", values)], [DriftColumn.Numeric("x", broken)]).Columns[0];

        Assert.False(column.Values.Drifted);
        Assert.True(column.Missingness!.Drifted);
        Assert.Equal(0.1, column.Current.MissingShare);
        Assert.True(column.Drifted);
    }

    // The p of so few rows must be able to survive the correction over all the other columns.
    [Fact]
    public void A_column_that_breaks_is_found_among_a_hundred()
    {
        var random = new Random(5);
        List<DriftColumn> Table(int rows, bool broken) =>
        [
            .. Enumerable.Range(0, 99).Select(i => DriftColumn.Numeric($"c{i}", Normal(random, rows, 0))),
            DriftColumn.Numeric("x", broken ? [.. Enumerable.Repeat(double.NaN, rows)] : Normal(random, rows, 0)),
        ];
        var report = DriftReport.Compare(Table(2000, false), Table(60, true));

        Assert.Equal(["x"], report.Columns.Where(column => column.Drifted).Select(column => column.Name));
        Assert.Equal("missingness:fisher(two-sided)", report.Columns[^1].Missingness!.Test.Method);
    }

    [Fact]
    public void New_categories_are_named_with_their_share_though_dictionaries_differ()
    {
        var column = DriftReport.Compare(
            [DriftColumn.Categorical("pay", Repeat([0, 0, 0, 1, -1], 100), ["card", "cash"])],
            [DriftColumn.Categorical("pay", Repeat([0, 0, 0, 1, 2], 100), ["card", "crypto", "cash"])]).Columns[0];

        Assert.Equal([new CategoryCount(CategoryKey.Of("crypto"), 100)], column.NewCategories);
        Assert.Equal(0.2, column.NewCategoryShare);
        Assert.True(column.Drifted);
        Assert.Equal(100, column.Reference.Null);
    }

    [Theory]
    [InlineData(0, 100, UndefinedReason.EmptyReference)]
    [InlineData(100, 0, UndefinedReason.EmptyCurrent)]
    [InlineData(100, 29, UndefinedReason.BelowMinSample)]
    public void A_column_without_enough_rows_is_undefined_and_never_drifts(int reference, int current, UndefinedReason reason)
    {
        var column = DriftReport.Compare(
            [DriftColumn.Numeric("x", Enumerable.Repeat(1.0, reference).ToArray())],
            [DriftColumn.Numeric("x", Enumerable.Repeat(2.0, current).ToArray())]).Columns[0];

        Assert.Equal(reason, column.Undefined);
        Assert.Null(column.Values.Drifted);
        Assert.False(column.Drifted);
    }

    [Fact]
    public void A_column_of_one_side_only_is_not_comparable()
    {
        var report = DriftReport.Compare(
            [DriftColumn.Numeric("a", new double[50]), DriftColumn.Numeric("b", new double[50])],
            [DriftColumn.Categorical("b", new int[50], ["0"]), DriftColumn.Numeric("c", new double[50])]);

        Assert.Equal(["a", "b", "c"], report.Columns.Select(c => c.Name));
        Assert.All(report.Columns, c => Assert.Equal(UndefinedReason.NotComparable, c.Undefined));
        Assert.Null(report.DriftedShare);
    }

    private static double[] Normal(Random random, int count, double mean) => [.. Enumerable.Range(0, count).Select(_ =>
        mean + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    private static int[] Repeat(int[] codes, int times) => [.. Enumerable.Repeat(codes, times).SelectMany(c => c)];
}
