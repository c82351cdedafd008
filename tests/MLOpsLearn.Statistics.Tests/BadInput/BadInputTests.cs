using CsCheck;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.DataQuality;
using MLOpsLearn.Statistics.Derived;
using MLOpsLearn.Statistics.Drift;
using MLOpsLearn.Statistics.Estimation;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Verdicts;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.BadInput;

/// <summary>Data of any kind gives a number or a reason: never an exception, NaN or endless loop.</summary>
public sealed class BadInputTests
{
    private static readonly Gen<double> Hostile = Gen.OneOf(
        Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(double.NegativeInfinity), Gen.Const(double.MaxValue),
        Gen.Const(double.MinValue), Gen.Const(1e308), Gen.Const(double.Epsilon), Gen.Const(-double.Epsilon), Gen.Const(0.0), Gen.Const(-0.0),
        Gen.Const(1e-310), Gen.Const(9007199254740993.0), Gen.Double, Gen.Double[-1, 1]);

    private static readonly Gen<(double[] Reference, double[] Current)> Columns = Gen.OneOf(
        Gen.Select(Hostile.Array[0, 60], Hostile.Array[0, 60]),
        Gen.Select(Hostile, Hostile, Gen.Int[0, 40], Gen.Int[0, 40]).Select((a, b, n, m) => (Enumerable.Repeat(a, n).ToArray(), Enumerable.Repeat(b, m).ToArray())));

    [Fact]
    public void Every_numeric_method_gives_a_number_or_a_reason() => Columns.Sample(
        (r, c) =>
        {
            var pair = NumericPair.Create(r, c);
            return NumericMethods.Identities.All(identity => IsSound(NumericMethods.Compute(identity, pair)))
                && IsSound(Binning.BinnedDistance.Psi(r, c, Binning.BinRule.SturgesPooled)) && IsSound(Binning.BinnedDistance.JensenShannon(r, c, Binning.BinRule.SturgesPooled));
        },
        iter: 1000);

    [Fact]
    public void Every_report_judges_or_says_why_not() => Columns.Sample(
        (r, c) =>
        {
            DriftColumn left = DriftColumn.Numeric("x", r, nulls: 3), right = DriftColumn.Numeric("x", c, typeViolations: 1);
            var column = DriftReport.Compare([left], [right], new() { MinimumRows = 0 }).Columns[0];
            var summary = new NumericSummary(left.NumericSample!);
            double?[] numbers = [summary.Mean, summary.StandardDeviationSample, summary.SkewnessPopulation, summary.Quantile(0.3), summary.MostCommonShare,
                RangeCheck.MeanShift(new(left.NumericSample!, right.NumericSample!)), RangeCheck.Tukey(new(left.NumericSample!, right.NumericSample!))?.Share];
            return (column.Values.Drifted is null) == (column.Undefined is not null) && column.Distances.All(IsSound)
                && EvidentlyReport.Compare([left], [right]).Columns.All(c => (c.Drifted is null) == !c.Result.IsDefined)
                && numbers.All(number => number is null || double.IsFinite(number.Value));
        },
        iter: 2000);

    [Fact]
    public void Model_quality_leaves_rows_out_that_are_not_finite() => Gen.Select(Gen.Int[0, 1].Array[0, 40], Hostile.Array[80]).Sample(
        (truth, values) =>
        {
            double[] score = values[..truth.Length], other = values[40..(40 + truth.Length)];
            var binary = new BinaryQuality(truth, score);
            var multi = new MulticlassQuality(truth, [.. score.Select((s, i) => new[] { s, other[i] })], 2);
            var regression = new RegressionDetails(score, other);
            double?[] numbers = [binary.RocAuc, binary.AveragePrecision, binary.KsSeparation, binary.CalibrationErrorEqualWidth, binary.CalibrationErrorEqualCount,
                multi.RocAucOneVersusOne, multi.TopAccuracy(1), regression.Summary.Rmse, regression.Summary.RmseStandardError, regression.Summary.R2,
                regression.Smape, regression.MapeEpsilon, regression.Rmsle, regression.ErrorQuantile(0.5), Correlation.Pearson(score, other), Correlation.Spearman(score, other)];
            _ = CalibrationChoice.Between(score, [.. truth.Select(y => (double)y)]).Apply(score);
            var estimate = BinaryEstimate.Estimate(score, [.. other.Select(p => Math.Clamp(p, 0, 1))], [.. score.Select(s => s > 0.5 ? 1 : 0)]);
            return binary.Skipped == score.Count(s => !double.IsFinite(s)) && numbers.All(number => number is null || !double.IsNaN(number.Value))
                && estimate.RocAuc is not double.NaN;
        },
        iter: 2000);

    [Fact]
    public void Different_column_sets_are_findings()
    {
        var report = DriftReport.Compare(
            [DriftColumn.Numeric("both", new double[50]), DriftColumn.Numeric("gone", new double[50])],
            [DriftColumn.Numeric("both", new double[50]), DriftColumn.Categorical("new", new int[50], ["a"])]);
        Assert.Equal([null, UndefinedReason.NotComparable, UndefinedReason.NotComparable], report.Columns.Select(column => column.Undefined));
        Assert.False(report.Drifted);
        Assert.Null(DriftReport.Compare([], []).DriftedShare);
    }

    [Fact]
    public void Whole_numbers_above_2_to_the_53_are_compared_as_categories()
    {
        long[] reference = [.. Enumerable.Range(0, 3000).Select(i => (1L << 60) + i % 3)], same = [.. reference.Reverse()];
        long[] moved = [.. reference.Select(value => value + 1)], small = [.. Enumerable.Range(0, 3000).Select(i => (long)(i % 3))];
        ColumnDrift Compare(long[] current) => DriftReport.Compare([DriftColumn.Integers("id", reference)], [DriftColumn.Integers("id", current)]).Columns[0];
        Assert.Equal((ColumnKind.Categorical, false), (Compare(same).Kind, Compare(same).Drifted));
        Assert.True(Compare(moved).Drifted);
        Assert.Equal($"{(1L << 60) + 3}", Assert.Single(Compare(moved).NewCategories).Key.ToString());
        Assert.True(Compare(small) is { Kind: ColumnKind.Categorical, Drifted: true, NewCategoryShare: 1 });
        var exact = DriftReport.Compare([DriftColumn.Integers("n", small)], [DriftColumn.Integers("n", small)]).Columns[0];
        Assert.Equal(ColumnKind.Numeric, exact.Kind);
    }

    [Fact]
    public void A_million_values_of_their_own_are_an_identifier_within_seconds()
    {
        const int count = 1_000_000;
        int[] codes = [.. Enumerable.Range(0, count)];
        CategoryKey[] keys = [.. codes.Select(i => CategoryKey.Of($"id-{i * 7919L % count}"))];
        var sample = CategoricalSample.Create(codes, keys);
        var column = DriftReport.Compare([DriftColumn.Categorical("id", sample)], [DriftColumn.Categorical("id", sample)]).Columns[0];
        Assert.Equal(UndefinedReason.IdentifierLike, column.Undefined);
        Assert.Equal(0, column.NewCategoryShare);
    }

    [Fact]
    public void A_window_of_new_values_without_end_is_drift_and_names_some_of_them()
    {
        string[] reference = [.. Enumerable.Range(0, 100_000).Select(i => $"k{i % 5}")], current = [.. Enumerable.Range(0, 100_000).Select(i => i % 2 == 0 ? $"k{i % 5}" : $"x{i}")];
        var column = DriftReport.Compare([DriftColumn.Categorical("c", reference)], [DriftColumn.Categorical("c", current)]).Columns[0];
        Assert.True(column.Drifted);
        Assert.Equal("chi2(homogeneity,top=1000)", column.Method);
        Assert.Equal(("psi(zero=1e-4,top=1000)", 0.5, 100), (column.Distances[0].Method, column.NewCategoryShare, column.NewCategories.Count));
    }

    [Fact]
    public void Counts_of_billions_of_rows_are_compared_without_holding_them()
    {
        CategoryKey[] keys = [.. Enumerable.Range(0, 400).Select(i => CategoryKey.Of($"{i:000}"))];
        long[] billions = [.. keys.Select((_, i) => 4_000_000_000L / (i + 1))], few = [.. keys.Select((_, i) => 900L / (i + 1))];
        CategoricalSample reference = CategoricalSample.FromCounts(keys, billions), current = CategoricalSample.FromCounts(keys, few);
        var column = DriftReport.Compare([DriftColumn.Categorical("c", reference)], [DriftColumn.Categorical("c", current)]).Columns[0];
        Assert.Equal((SparseTable.Pooled, false), (column.Method, column.Drifted));
        RuleVerdict[] verdicts = [.. Enumerable.Range(1, 8).Select(seed => PermutationTest.Test(
            new CategoricalPair(reference, reference), CategoryEffect.OfTotalVariation, 199, (ulong)seed))];
        Assert.True(verdicts.Count(verdict => verdict.Drifted == true) <= 3);
        Assert.Contains("sample=10000", verdicts[0].Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_and_instants_are_compared_through_what_is_derived()
    {
        string?[] before = [.. Enumerable.Range(0, 500).Select(i => i % 50 == 0 ? null : "three short words")];
        string?[] after = [.. before.Select((text, i) => text is null ? null : i % 2 == 0 ? "" : text)];
        var report = DriftReport.Compare([.. DriftColumn.Text("note", before)], [.. DriftColumn.Text("note", after)]);
        Assert.Equal(["note:length(unit=code-point)", "note:words(split=unicode-whitespace)", "note:empty"], report.Columns.Select(c => c.Name));
        Assert.All(report.Columns, column => Assert.True(column.Drifted, column.Name));
        Assert.Equal(10, report.Columns[2].Reference.Null);

        DateTimeColumn Times(int step) => DateTimeColumn.Create(Enumerable.Range(0, 400).Select(i => (DateTimeOffset?)DateTimeOffset.UnixEpoch.AddMinutes(i * step)));
        var times = DriftReport.Compare([.. DriftColumn.Instants("t", Times(60))], [.. DriftColumn.Instants("t", Times(120))]);
        Assert.Equal(["t:hour(utc)", "t:weekday(monday=0)", "t:gap-seconds"], times.Columns.Where(c => c.Drifted || c.Name.Contains("week")).Select(c => c.Name));
        Assert.Equal([60.0], DateTimeColumn.Lateness([DateTimeOffset.UnixEpoch, null], [DateTimeOffset.UnixEpoch.AddMinutes(1), DateTimeOffset.UnixEpoch]).Sorted.ToArray());
        Assert.Equal(new ValueCounts(1, 1, TypeViolations: 1), DriftColumn.Parse("n", ["1", null, "one"]).Counts);
    }

    [Fact]
    public void A_table_may_be_judged_by_its_share_of_drifted_columns()
    {
        double[] low = [.. Enumerable.Range(0, 500).Select(i => i / 500.0)], high = [.. low.Select(x => x + 0.5)];
        DriftColumn[] Table(double[] first) => [DriftColumn.Numeric("a", first), DriftColumn.Numeric("b", low), DriftColumn.Numeric("c", low)];
        DriftOptions options = new() { TableRule = TableRule.Share };
        Assert.True(DriftReport.Compare(Table(low), Table(high)).Drifted);
        Assert.False(DriftReport.Compare(Table(low), Table(high), options).Drifted);
        Assert.True(DriftReport.Compare(Table(low), Table(high), options with { DriftShare = 0.3 }).Drifted);
        Assert.EndsWith("table=share>=0.5)", DriftReport.Compare(Table(low), Table(high), options).Rule, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => DriftReport.Compare([], [], new() { DriftShare = 0 }));
    }

    [Fact]
    public void A_cancelled_comparison_ends()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var pair = NumericPair.Create(new double[20], new double[20]);
        Assert.Throws<OperationCanceledException>(() => PermutationTest.Test(pair, TransportDistance.OfWasserstein, cancellationToken: source.Token));
        Assert.Throws<OperationCanceledException>(() => DriftReport.Compare([DriftColumn.Numeric("x", new double[9])], [], cancellationToken: source.Token));
    }

    private static bool IsSound(MethodResult result) =>
        result.Undefined is not null
            ? result is { Statistic: null, PValue: null }
            : result.Statistic is { } statistic && !double.IsNaN(statistic) && result.PValue is null or (>= 0 and <= 1);
}
