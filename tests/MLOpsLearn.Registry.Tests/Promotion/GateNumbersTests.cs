using CsCheck;
using MLOpsLearn.Contracts.Registry.V1;
using MLOpsLearn.Registry.Promotion;

namespace MLOpsLearn.Registry.Tests.Promotion;

/// <summary>The arithmetic of the gate, whatever the rows.</summary>
public sealed class GateNumbersTests
{
    private static readonly Gen<(double Label, double Challenger, double Champion)[]> AnyRows =
        Gen.Select(Gen.Double[-1e3, 1e3], Gen.Double[-1e3, 1e3], Gen.Double[-1e3, 1e3]).Array[2, 200];

    private static GateNumbers Compute((double Label, double Challenger, double Champion)[] rows) => GateNumbers.Compute(new ScoredRows(
        [.. rows.Select(row => row.Label)], [.. rows.Select(row => row.Challenger)], [.. rows.Select(row => row.Champion)], 1, ""));

    private static StoredPolicy Policy(double margin, string metric = "rmse", double maxPValue = 0) => new()
    {
        Workspace = "default",
        Model = "m",
        Revision = 1,
        Alias = "champion",
        Metric = metric,
        MinImprovement = margin,
        MinRows = 1,
        RequireDataQuality = false,
        MaxPValue = maxPValue,
        CreatedAt = default,
    };

    private static bool Near(double a, double b) => Math.Abs(a - b) <= 1e-9 * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));

    [Fact]
    public void The_numbers_are_those_of_the_textbook() => AnyRows.Sample(rows =>
    {
        var numbers = Compute(rows);
        var mean = rows.Average(row => row.Label);
        var differences = rows.Select(row => Math.Pow(row.Label - row.Champion, 2) - Math.Pow(row.Label - row.Challenger, 2)).ToList();
        var centre = differences.Average();
        var deviation = Math.Sqrt(differences.Sum(difference => Math.Pow(difference - centre, 2)) / (rows.Length - 1));

        Assert.True(Near(numbers.ChallengerRmse, Math.Sqrt(rows.Average(row => Math.Pow(row.Label - row.Challenger, 2)))));
        Assert.True(Near(numbers.ChampionRmse!.Value, Math.Sqrt(rows.Average(row => Math.Pow(row.Label - row.Champion, 2)))));
        Assert.True(Near(numbers.ChallengerMae, rows.Average(row => Math.Abs(row.Label - row.Challenger))));
        Assert.True(Near(numbers.ChampionMae!.Value, rows.Average(row => Math.Abs(row.Label - row.Champion))));
        Assert.True(Near(numbers.MeanRmse, Math.Sqrt(rows.Average(row => Math.Pow(row.Label - mean, 2)))));
        Assert.True(Near(numbers.MeanMae, rows.Average(row => Math.Abs(row.Label - mean))));
        Assert.True(deviation == 0 ? numbers.PairedT is null : Math.Abs(numbers.PairedT!.Value - (centre / (deviation / Math.Sqrt(rows.Length)))) < 1e-6);
    });

    [Fact]
    public void The_order_of_the_rows_does_not_matter() => Gen.Select(AnyRows, Gen.Int[0, int.MaxValue]).Sample((rows, seed) =>
    {
        var (one, other) = (Compute(rows), Compute([.. rows.OrderBy(row => (row.Label * seed) % 7)]));

        Assert.True(Near(one.ChallengerRmse, other.ChallengerRmse) && Near(one.ChampionMae!.Value, other.ChampionMae!.Value) && Near(one.MeanRmse, other.MeanRmse));
    });

    [Theory]
    [InlineData("rmse", 0.0)]
    [InlineData("rmse", 0.05)]
    [InlineData("mae", 0.0)]
    public void A_challenger_equal_to_the_champion_never_passes(string metric, double margin) => AnyRows.Sample(rows =>
    {
        var same = rows.Select(row => (row.Label, row.Champion, row.Champion)).ToArray();

        Assert.False(GateChecks.Metric(Compute(same), Policy(margin, metric), 1).Passed);
    });

    [Theory]
    [InlineData("rmse")]
    [InlineData("mae")]
    public void A_challenger_passes_exactly_when_it_is_better_by_the_margin(string metric) =>
        Gen.Select(AnyRows, Gen.Double[0, 2], Gen.Double[0, 0.9]).Where((_, factor, margin) => Math.Abs(factor - (1 - margin)) > 1e-6).Sample((rows, factor, margin) =>
        {
            // An error of each row that is `factor` times the champion's gives both metrics times `factor`.
            var scaled = rows.Select(row => (row.Label, row.Label + (factor * (row.Champion - row.Label)), row.Champion)).ToArray();
            var isDistinct = Compute(rows).ChampionRmse > 1e-3;

            Assert.True(!isDistinct || GateChecks.Metric(Compute(scaled), Policy(margin, metric), 1).Passed == factor < 1 - margin);
        });

    [Fact]
    public void A_model_that_errs_infinitely_is_no_champion_to_beat()
    {
        var numbers = GateNumbers.Compute(new ScoredRows([1, 2], [1, 2.1], [1e200, -1e200], 1, ""));

        Assert.False(GateChecks.Metric(numbers, Policy(0), 1).Passed);
    }

    [Fact]
    public void Rows_of_one_label_alone_promote_no_first_version()
    {
        var numbers = GateNumbers.Compute(new ScoredRows([3, 3, 3], [3, 3, 3], null, 0, ""));
        var check = GateChecks.Metric(numbers, Policy(0), 0);

        Assert.False(check.Passed);
        Assert.Equal(0, check.Numbers["improvement"]);
    }

    [Fact]
    public void No_rows_fail_every_comparison()
    {
        var numbers = GateNumbers.Compute(new ScoredRows([], [], null, 0, ""));

        Assert.False(GateChecks.Rows(numbers, Policy(0)).Passed);
        Assert.False(GateChecks.Metric(numbers, Policy(0), 0).Passed);
    }

    // From the finite sums that the tail has for whole degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4).
    [Theory]
    [InlineData(0, 5, 1)]
    [InlineData(1, 1, 0.5)]
    [InlineData(0.3, 2, 0.7924856608)]
    [InlineData(2.5, 3, 0.0877066470)]
    [InlineData(-4, 7, 0.0051899133)]
    [InlineData(1.96, 30, 0.0593423129)]
    [InlineData(3, 100_000, 0.0027004609)]
    public void The_tail_of_students_t_is_the_published_one(double t, double degrees, double expected) =>
        Assert.Equal(expected, StudentT.TwoSided(t, degrees), 1e-9);

    [Fact]
    public void Significance_blocks_only_a_policy_that_asks_for_it()
    {
        var numbers = GateNumbers.Compute(new ScoredRows([0, 0, 0, 0], [1, -1, 2, -3], [1.1, -0.9, 2.2, -3.1], 1, ""));

        Assert.True(numbers.PairedP > 0.05);
        Assert.True(GateChecks.Significance(numbers, Policy(0)).Passed);
        Assert.False(GateChecks.Significance(numbers, Policy(0, maxPValue: 0.05)).Passed);
        Assert.True(GateChecks.Significance(numbers, Policy(0, maxPValue: 1)).Passed);
        Assert.Equal(numbers.PairedP!.Value, GateChecks.Significance(numbers, Policy(0)).Numbers["paired_p"]);
    }

    [Theory]
    [InlineData(true, ColumnKind.Numeric, true, ColumnKind.Numeric, true)]
    [InlineData(false, ColumnKind.Numeric, true, ColumnKind.Numeric, false)]
    [InlineData(true, ColumnKind.Numeric, false, ColumnKind.Numeric, true)]
    [InlineData(true, ColumnKind.Numeric, true, ColumnKind.Categorical, false)]
    public void A_challenger_must_take_what_callers_send(bool sent, ColumnKind sentKind, bool needed, ColumnKind neededKind, bool passes)
    {
        var champion = new ModelSignature { Inputs = { new SignatureColumn { Name = "a", Kind = sentKind, Required = sent } } };
        var challenger = new ModelSignature { Inputs = { new SignatureColumn { Name = "a", Kind = neededKind, Required = needed } } };

        Assert.Equal(passes, GateChecks.Signature(champion, challenger).Passed);
    }

    [Fact]
    public void A_new_column_may_be_taken_but_not_needed_and_the_output_stays()
    {
        static ModelSignature With(bool required, string output) =>
            new() { Output = output, Inputs = { new SignatureColumn { Name = "new", Kind = ColumnKind.Numeric, Required = required } } };

        var champion = new ModelSignature { Output = "duration" };

        Assert.True(GateChecks.Signature(champion, With(false, "duration")).Passed);
        Assert.False(GateChecks.Signature(champion, With(true, "duration")).Passed);
        Assert.False(GateChecks.Signature(champion, With(false, "price")).Passed);
    }
}
