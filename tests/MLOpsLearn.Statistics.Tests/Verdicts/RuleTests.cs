using CsCheck;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Tests.Properties;
using MLOpsLearn.Statistics.Verdicts;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Verdicts;

public sealed class RuleTests
{
    [Fact]
    public void Permutation_p_is_near_the_share_of_all_splits() => Samples.TinyPair.Sample(
        (r, c) =>
        {
            var exact = BruteForce.ExactPValue(r, c, (a, b) => BruteForce.Integral(a, b, Math.Abs));
            var verdict = PermutationTest.Test(NumericPair.Create(r, c), TransportDistance.OfWasserstein, permutations: 3000, seed: 5);
            return Math.Abs(verdict.Statistic.PValue!.Value - exact) <= 5 * Math.Sqrt(exact * (1 - exact) / 3000) + 1.0 / 3001
                && verdict.Rule == "permutation(B=3000,seed=5)" && verdict.Drifted == verdict.Statistic.PValue <= 0.05;
        },
        iter: 25);

    [Fact]
    public void A_permutation_p_is_never_0_and_repeats_with_its_seed()
    {
        var pair = NumericPair.Create([.. Enumerable.Range(0, 50).Select(i => (double)i)], [.. Enumerable.Range(900, 50).Select(i => (double)i)]);
        var verdict = PermutationTest.Test(pair, TransportDistance.OfWasserstein, permutations: 199, seed: 3);
        Assert.Equal(1.0 / 200, verdict.Statistic.PValue);
        Assert.Equal(verdict, PermutationTest.Test(pair, TransportDistance.OfWasserstein, permutations: 199, seed: 3));
        var large = NumericPair.Create(Enumerable.Range(0, 20_000).Select(i => (double)i).ToArray(), [1, 2, 3]);
        Assert.Contains("sample=10000", PermutationTest.Test(large, TransportDistance.OfWasserstein, permutations: 1).Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Chunk_limits_equal_their_definition() => Gen.Select(Gen.Double[0, 1].Array[60, 90], Gen.Double[0, 1.2].Array[5, 6]).Sample(
        (r, c) =>
        {
            var count = r.Length / c.Length;
            double Distance(double[] a, double[] b) => BruteForce.Integral(a, b, Math.Abs);
            double[] Values(bool loo) => [.. Enumerable.Range(0, count).Select(k => Distance(
                loo ? [.. r[..(k * c.Length)], .. r[((k + 1) * c.Length)..]] : r, r[(k * c.Length)..((k + 1) * c.Length)]))];
            return new[] { true, false }.All(loo =>
            {
                var v = Values(loo);
                var verdict = ReferenceChunkRule.Judge(r, c, TransportDistance.OfWasserstein, loo);
                var factor = ReferenceLimits.Student(v)!.Factor;
                var upper = v.Average() + factor * Math.Sqrt(NumericDefinitions.SampleVariance(v));
                return Samples.Close(upper, verdict.Limit!.Value) && verdict.Drifted == Distance(r, c) > upper
                    && verdict.Rule == $"reference-chunks({(loo ? "loo" : "in")},k={count},student)";
            });
        },
        iter: 60);

    [Fact]
    public void Many_chunks_use_three_deviations_and_at_most_a_hundred_of_them()
    {
        var random = new Random(1);
        double[] r = [.. Enumerable.Range(0, 4000).Select(_ => random.NextDouble())], c = r[..20];
        Assert.StartsWith("reference-chunks(loo,k=100,mean+3*std_pop)", ReferenceChunkRule.Judge(r, c, TransportDistance.OfWasserstein).Rule, StringComparison.Ordinal);
        Assert.NotNull(ReferenceChunkRule.Judge(r[..60], c, TransportDistance.OfWasserstein).Warning);
        Assert.Null(ReferenceChunkRule.Judge(r, [], TransportDistance.OfWasserstein).Drifted);
    }

    [Fact]
    public void Bootstrap_limit_is_near_the_quantile_of_resampled_distances()
    {
        var random = new Random(6);
        double[] r = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble())], c = r[..40];
        var limit = BootstrapQuantileRule.Judge(NumericPair.Create(r, c), TransportDistance.OfWasserstein, alpha: 0.1, resamples: 2000).Limit!.Value;
        double[] draws = [.. Enumerable.Range(0, 2000).Select(_ => BruteForce.Integral(r, [.. c.Select(_ => r[random.Next(r.Length)])], Math.Abs)).Order()];
        Assert.InRange(limit, draws[1700], draws[1880]);
    }

    [Fact]
    public void A_fixed_threshold_warns_below_the_rows_it_needs()
    {
        var pair = NumericPair.Create([0, 1, 2], [0, 1, 2.5]);
        var verdict = ThresholdRule.Judge(TransportDistance.OfWasserstein(pair), 0.1, 999);
        Assert.True(verdict.Drifted);
        Assert.Contains("1000", verdict.Warning, StringComparison.Ordinal);
        Assert.Null(ThresholdRule.Judge(TransportDistance.OfWasserstein(pair), 0.1, 1000).Warning);
        Assert.Null(ThresholdRule.Judge(new() { Method = "js(log=e)", Statistic = 0.2 }, 0.1, 500, categories: 5).Warning);
        Assert.NotNull(ThresholdRule.Judge(new() { Method = "js(log=e)", Statistic = 0.2 }, 0.1, 499, categories: 5).Warning);
    }

    [Fact]
    public void Other_corrections_equal_their_definitions() => Gen.Double[0, 1].Array[1, 20].Sample(p =>
    {
        double k = p.Length, harmonic = Enumerable.Range(1, p.Length).Sum(i => 1.0 / i);
        double Rank(double value) => p.Count(other => other <= value);
        double[] yekutieli = MultipleTests.Adjust(p, Correction.BenjaminiYekutieli), bonferroni = MultipleTests.Adjust(p, Correction.Bonferroni);
        return MultipleTests.Adjust(p, Correction.None).SequenceEqual(p) && p.Select((value, i) => Samples.Close(Math.Min(1, k * value), bonferroni[i])
            && Samples.Close(p.Where(other => other >= value).Min(other => Math.Min(1, k * harmonic * other / Rank(other))), yekutieli[i])).All(ok => ok);
    });

    [Fact]
    public void Accuracies_are_compared_on_the_rows_that_only_one_gets_right() => Gen.Select(Gen.Bool.Array[1, 30], Gen.Bool.Array[30]).Sample((a, other) =>
    {
        bool[] b = other[..a.Length];
        int better = a.Zip(b).Count(row => row is (true, false)), worse = a.Zip(b).Count(row => row is (false, true));
        var tail = Enumerable.Range(better, worse + 1).Sum(i => (double)NumericDefinitions.Binomial(better + worse, i)) / Math.Pow(2, better + worse);
        var test = PairedTests.TestAccuracy(a, b);
        return Samples.Close(tail, test.PValue!.Value) && Samples.Close((better - worse) / (double)a.Length, test.Statistic!.Value);
    });

    [Fact]
    public void Areas_are_compared_by_the_covariance_of_placements() =>
        Gen.Select(Gen.Int[0, 1].Array[6, 40], Gen.Int[0, 9].Array[40], Gen.Int[0, 9].Array[40]).Where((y, _, _) => y.Sum() > 1 && y.Sum() < y.Length - 1).Sample(
            (y, a, b) =>
            {
                double[] first = [.. a[..y.Length].Select(v => (double)v)], second = [.. b[..y.Length].Select(v => (double)v)];
                int[] up = [.. Enumerable.Range(0, y.Length).Where(i => y[i] == 1)], down = [.. Enumerable.Range(0, y.Length).Where(i => y[i] == 0)];
                double Wins(double[] s, int i, int j) => s[i] > s[j] ? 1 : s[i] == s[j] ? 0.5 : 0;
                double[] gapUp = [.. up.Select(i => down.Average(j => Wins(first, i, j) - Wins(second, i, j)))];
                double[] gapDown = [.. down.Select(j => up.Average(i => Wins(first, i, j) - Wins(second, i, j)))];
                var variance = NumericDefinitions.SampleVariance(gapUp) / up.Length + NumericDefinitions.SampleVariance(gapDown) / down.Length;
                var test = PairedTests.TestRocAuc(y, first, second);
                return Samples.Close(gapUp.Average(), test.Statistic!.Value)
                    && (variance < 1e-12 || Samples.Close(NumericDefinitions.NormalTail(gapUp.Average() / Math.Sqrt(variance)), test.PValue!.Value));
            },
            iter: 200);

    [Fact]
    public void Absolute_errors_are_compared_row_by_row() => Gen.Select(Gen.Double[-3, 3].Array[3, 30], Gen.Double[-3, 3].Array[30]).Sample(
        (a, other) =>
        {
            double[] gains = [.. a.Select((e, i) => Math.Abs(other[i]) - Math.Abs(e))];
            var t = gains.Average() / Math.Sqrt(NumericDefinitions.SampleVariance(gains) / gains.Length);
            var half = NumericDefinitions.StudentP(t, gains.Length - 1) / 2;
            return Samples.Close(t > 0 ? half : 1 - half, PairedTests.TestAbsoluteErrors(a, other.AsSpan(0, a.Length)).PValue!.Value, 1e-6);
        },
        iter: 30);
}
