using CsCheck;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Numeric;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Properties;

public sealed class NumericPropertyTests
{
    [Fact]
    public void Distances_equal_their_definitions() => Samples.Pair.Sample((r, c) =>
    {
        var pair = NumericPair.Create(r, c);
        return Samples.Close(BruteForce.KsDistance(r, c), KolmogorovSmirnov.Test(pair).Statistic!.Value)
            && Samples.Close(BruteForce.Integral(r, c, Math.Abs), TransportDistance.OfWasserstein(pair).Statistic!.Value)
            && Samples.Close(Math.Sqrt(2 * BruteForce.Integral(r, c, d => d * d)), TransportDistance.OfEnergy(pair).Statistic!.Value)
            && Samples.Close(BruteForce.EnergyByPairs(r, c), TransportDistance.OfEnergy(pair).Statistic!.Value, 1e-7)
            && Samples.Close(BruteForce.PsiByDeciles(r, c), BinnedDistance.Psi(pair).Statistic!.Value);
    });

    [Fact]
    public void Rank_statistics_equal_their_definitions() => Samples.Pair.Sample((r, c) =>
    {
        var pair = NumericPair.Create(r, c);
        var u = BruteForce.U(r, c);
        return u == MannWhitney.Test(pair).Statistic
            && Samples.Close(1 - u / ((double)r.Length * c.Length), MannWhitney.OfAuc(pair).Statistic!.Value)
            && Samples.Close(BruteForce.CramerVonMises(r, c), CramerVonMises.Test(pair).Statistic!.Value)
            && (AndersonDarling.Test(pair) is not { Statistic: { } a } || Samples.Close(BruteForce.AndersonDarling(r, c), a));
    });

    [Fact]
    public void Exact_p_values_equal_the_count_over_all_splits() => Samples.TinyPair.Sample(
        (r, c) =>
        {
            var pair = NumericPair.Create(r, c);
            double middle = r.Length * c.Length / 2.0;
            return Samples.Close(BruteForce.ExactPValue(r, c, BruteForce.KsDistance), KolmogorovSmirnov.Test(pair).PValue!.Value)
                && Samples.Close(BruteForce.ExactPValue(r, c, BruteForce.CramerVonMises), CramerVonMises.Test(pair).PValue!.Value)
                && Samples.Close(
                    BruteForce.ExactPValue(r, c, (a, b) => Math.Abs(BruteForce.U(a, b) - middle)), MannWhitney.Test(pair).PValue!.Value);
        },
        iter: 60);

    [Fact]
    public void Symmetric_methods_do_not_mind_which_side_is_first() => Samples.Pair.Sample((r, c) =>
    {
        NumericPair forth = NumericPair.Create(r, c), back = NumericPair.Create(c, r);
        return Same(KolmogorovSmirnov.Test(forth), KolmogorovSmirnov.Test(back))
            && Same(TransportDistance.OfWasserstein(forth), TransportDistance.OfWasserstein(back))
            && Same(TransportDistance.OfEnergy(forth), TransportDistance.OfEnergy(back))
            && Same(CramerVonMises.Test(forth), CramerVonMises.Test(back))
            && Same(AndersonDarling.Test(forth), AndersonDarling.Test(back));
    });

    [Fact]
    public void Rank_methods_do_not_mind_a_strictly_increasing_map() => Samples.Pair.Sample((r, c) =>
    {
        static double Map(double x) => 3 * x * x * x + 7 * x - 2;
        NumericPair plain = NumericPair.Create(r, c), mapped = NumericPair.Create(Array.ConvertAll(r, Map), Array.ConvertAll(c, Map));
        return Same(KolmogorovSmirnov.Test(plain), KolmogorovSmirnov.Test(mapped))
            && Same(CramerVonMises.Test(plain), CramerVonMises.Test(mapped))
            && Same(AndersonDarling.Test(plain), AndersonDarling.Test(mapped))
            && Same(MannWhitney.Test(plain), MannWhitney.Test(mapped));
    });

    [Fact]
    public void Order_and_repetition_of_rows_do_not_change_a_distance() => Samples.Pair.Sample((r, c) =>
    {
        NumericPair plain = NumericPair.Create(r, c), other = NumericPair.Create([.. r.Reverse(), .. r], [.. c.Reverse(), .. c]);
        return Samples.Close(KolmogorovSmirnov.Test(plain).Statistic!.Value, KolmogorovSmirnov.Test(other).Statistic!.Value)
            && Samples.Close(TransportDistance.OfWasserstein(plain).Statistic!.Value, TransportDistance.OfWasserstein(other).Statistic!.Value);
    });

    [Fact]
    public void A_sample_has_no_distance_to_itself() => Samples.Pair.Sample((r, _) => Array.TrueForAll(
        [.. NumericMethods.Identities.Where(name => name.StartsWith("ks", StringComparison.Ordinal) || !name.Contains('(')
            || name.StartsWith("psi", StringComparison.Ordinal) || name.StartsWith("js", StringComparison.Ordinal))],
        name => NumericMethods.Compute(name, NumericPair.Create(r, r)) is var result && result.Statistic < 1e-12
            && result.PValue is null or 1));

    [Fact]
    public void Merged_moments_equal_those_of_the_whole() => Gen.Select(Samples.Value.Array[0, 3000], Gen.Int[0, 3000]).Sample((values, cut) =>
    {
        cut = Math.Min(cut, values.Length);
        Moments whole = Moments.Of(values), merged = Moments.Merge(Moments.Of(values.AsSpan(0, cut)), Moments.Of(values.AsSpan(cut)));
        var mean = values.Length == 0 ? 0 : values.Average();
        return Samples.Close(mean, whole.Mean) && Samples.Close(values.Sum(x => Math.Pow(x - mean, 2)), whole.M2)
            && Samples.Close(values.Sum(x => Math.Pow(x - mean, 3)), whole.M3, 1e-8) && Samples.Close(whole.M3, merged.M3, 1e-8)
            && Samples.Close(values.Sum(x => Math.Pow(x - mean, 4)), whole.M4, 1e-8) && Samples.Close(whole.M4, merged.M4, 1e-8)
            && Samples.Close(whole.M2, merged.M2);
    });

    // The steps are exact in binary, so only the mean is rounded, and no moment may show it.
    [Fact]
    public void A_distant_zero_changes_no_moment() => Gen.Int[0, 4000].Array[3, 500].Where(steps => steps.Distinct().Skip(1).Any()).Sample(steps =>
    {
        Moments near = Moments.Of([.. steps.Select(step => step / 4096.0)]), far = Moments.Of([.. steps.Select(step => 1_048_573 + step / 4096.0 * 0.0625)]);
        return Samples.Close(near.SkewnessPopulation, far.SkewnessPopulation) && Samples.Close(near.ExcessKurtosisPopulation, far.ExcessKurtosisPopulation);
    });

    [Fact]
    public void Long_samples_are_sorted_like_short_ones() => Gen.Select(Samples.Value.Array[1, 50], Gen.Int[400, 900]).Sample(
        (some, repeat) =>
        {
            double[] values = [.. Enumerable.Repeat(some, repeat).SelectMany((block, i) => block.Select(x => x * (i % 7 - 3)))];
            var expected = values.Select(x => x + 0.0).Order();
            return NumericSample.Create(values).Sorted.SequenceEqual([.. expected]);
        },
        iter: 30);

    [Theory]
    [InlineData(1e308)]
    [InlineData(5e-324)]
    public void Extreme_magnitudes_are_sorted_and_leave_no_NaN(double scale)
    {
        double[] reference = [.. Enumerable.Range(0, 20_000).Select(i => (i * 7919 % 1000 - 500) / 500.0 * scale)];
        double[] current = [.. reference.Select(x => x / 2)];
        var pair = NumericPair.Create(reference, current);
        Assert.True(pair.Reference.Sorted.SequenceEqual([.. reference.Select(x => x + 0.0).Order()]));
        Assert.All(NumericMethods.Identities, identity =>
        {
            var result = NumericMethods.Compute(identity, pair);
            Assert.True(result.Undefined is not null || result.Statistic is { } value && !double.IsNaN(value), identity);
        });
    }

    private static bool Same(MethodResult a, MethodResult b) =>
        a.Undefined == b.Undefined && (!a.IsDefined || Samples.Close(a.Statistic!.Value, b.Statistic!.Value))
        && (a.PValue is null || Samples.Close(a.PValue.Value, b.PValue!.Value));
}
