using CsCheck;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Drift;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Tests.Properties;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Drift;

public sealed class EvidentlyTests
{
    // Few or many distinct values, below and above the limit of 1,000 reference rows.
    private static readonly Gen<(double[] Reference, double[] Current)> Columns = Gen.Select(
        Gen.Int[1, 8], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 1_000_000]).Select((distinct, shift, large, seed) =>
        {
            var random = new Random(seed);
            double Draw() => distinct == 8 ? Math.Round(random.NextDouble(), 3) : random.Next(distinct);
            return (Enumerable.Range(0, large ? 1001 : 1000).Select(_ => Draw()).ToArray(), Enumerable.Range(0, 200).Select(_ => Draw() + shift * 0.05).ToArray());
        });

    [Fact]
    public void Profile_equals_its_table() => Columns.Sample(
        (r, c) =>
        {
            var column = EvidentlyReport.Compare([DriftColumn.Numeric("x", r)], [DriftColumn.Numeric("x", c)]).Columns[0];
            var pair = NumericPair.Create(r, c);
            var categories = new CategoricalPair(pair.Reference.AsCategories(), pair.Current.AsCategories());
            int distinct = r.Concat(c).Distinct().Count(), n = r.Length;
            if (distinct > 5)
            {
                var w = BruteForce.Integral(r, c, Math.Abs) / Math.Max(NumericDefinitions.PopulationDeviation(r), 0.001);
                return n <= 1000
                    ? column.Result.Method == "ks(method=auto)" && column.Drifted == column.Score <= 0.05 && column.Threshold == 0.05
                    : Samples.Close(w, column.Score!.Value) && column.Drifted == column.Score >= 0.1 && column.Threshold == 0.1;
            }

            var (a, b) = BinDefinitions.Counts("sturges-pooled", r, c);
            return n > 1000
                ? column.Result.Method == "js(log=e)" && Samples.Close(BinDefinitions.Divergence("js", "", a, b), column.Score!.Value, 1e-7) && column.Drifted == column.Score >= 0.1
                : distinct > 2
                    ? column.Score == ChiSquared.TestGoodnessOfFit(categories).PValue && column.Drifted == column.Score < 0.05
                    : column.Score == BinaryTests.TestZ(categories).PValue && column.Drifted == column.Score < 0.05;
        },
        iter: 60);

    [Fact]
    public void A_table_drifts_when_half_of_its_columns_do()
    {
        double[] low = [.. Enumerable.Range(0, 500).Select(i => i / 500.0)], high = [.. low.Select(x => x + 1)];
        DriftColumn[] Table(double[] first) => [DriftColumn.Numeric("a", first), DriftColumn.Numeric("b", low)];
        Assert.True(EvidentlyReport.Compare(Table(low), Table(high)) is { Drifted: true, Share: 0.5 });
    }

    [Fact]
    public void Text_is_judged_by_a_classifier_of_its_words()
    {
        var random = new Random(8);
        string[] words = ["refund", "late", "driver", "thanks", "great", "route", "price", "airport"];
        string[] Draw(int count, int first) => [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 6).Select(_ => words[first + random.Next(words.Length - first)])))];
        Assert.True(EvidentlyReport.CompareText("t", Draw(400, 0), Draw(300, 4)).Drifted);
        var alarms = Enumerable.Range(0, 20).Count(_ => EvidentlyReport.CompareText("t", Draw(300, 0), Draw(300, 0)).Drifted == true);
        Assert.True(alarms <= 5, $"{alarms} of 20");
        Assert.Equal(UndefinedReason.EmptyCurrent, EvidentlyReport.CompareText("t", Draw(9, 0), [null]).Result.Undefined);
    }

    [Theory]
    [InlineData("psi(bins=ref-deciles,zero=1e-4)", 0.1)]
    [InlineData("anderson(midrank)", 0.1)]
    [InlineData("g(homogeneity)", 0.1)]
    [InlineData("tvd", 0.1)]
    [InlineData("t(welch)", 0.05)]
    [InlineData("chi2(gof)", 0.05)]
    public void Methods_asked_for_by_name_have_their_limits(string method, double limit)
    {
        Assert.Equal(limit, EvidentlyThresholds.Of(method));
        var distance = method[0] is 'p' || method == "tvd";
        var column = EvidentlyThresholds.Judge("x", new() { Method = method, Statistic = limit, PValue = distance ? null : limit });
        Assert.Equal(distance, column.Drifted);
    }

    [Fact]
    public void The_default_bins_are_the_deciles_of_the_reference() =>
        Assert.Equal("psi(bins=ref-deciles,zero=1e-4)", BinnedDistance.Psi(NumericPair.Create([1, 2], [3])).Method);
}
