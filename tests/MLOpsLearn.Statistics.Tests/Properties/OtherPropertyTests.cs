using CsCheck;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Estimation;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Sketches;
using MLOpsLearn.Statistics.Verdicts;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Properties;

public sealed class OtherPropertyTests
{
    private static readonly Gen<(int[] Reference, int[] Current)> Codes = Gen.Select(Gen.Int[0, 5].Array[1, 80], Gen.Int[0, 5].Array[1, 80]);

    [Fact]
    public void Category_statistics_equal_their_definitions() => Codes.Sample((r, c) =>
    {
        CategoryKey[] keys = [.. "abcdef".Select(letter => CategoryKey.Of(letter.ToString()))];
        var pair = new CategoricalPair(CategoricalSample.Create(r, keys), CategoricalSample.Create(c, keys));
        double n = r.Length, m = c.Length, chi = 0, balanced = 0, variation = 0;
        foreach (var code in r.Concat(c).Distinct())
        {
            double a = r.Count(x => x == code), b = c.Count(x => x == code), p = a / n, q = b / m;
            double ea = (a + b) * n / (n + m), eb = (a + b) * m / (n + m);
            chi += (a - ea) * (a - ea) / ea + (b - eb) * (b - eb) / eb;
            balanced += (p - q) * (p - q) / (p + q);
            variation += Math.Abs(p - q);
        }

        return Samples.Close(chi, ChiSquared.Test(pair).Statistic!.Value)
            && Samples.Close(Math.Sqrt(balanced / 2), CategoryEffect.OfCramersVBalanced(pair).Statistic!.Value)
            && Samples.Close(variation / 2, CategoryEffect.OfTotalVariation(pair).Statistic!.Value);
    });

    [Fact]
    public void Linear_binning_counts_like_the_sorted_one() =>
        Gen.Select(Samples.Value.Array[30, 300], Samples.Value.Array[1, 300]).Sample((r, c) => Samples.Close(
            BinnedDistance.Psi(NumericPair.Create(r, c), BinRule.SturgesPooled).Statistic!.Value,
            BinnedDistance.Psi(r, c, BinRule.SturgesPooled).Statistic!.Value));

    [Fact]
    public void Histograms_of_parts_merge_to_that_of_the_whole() =>
        Gen.Select(Samples.Value.Array[1, 200], Samples.Value.Array[1, 200]).Sample((a, b) =>
        {
            double[] borders = [-2, -0.5, 0, 1, 3];
            FixedHistogram whole = new(borders), merged = new(borders), other = new(borders);
            whole.Add([.. a, .. b]);
            merged.Add(a);
            other.Add(b);
            merged.Merge(other);
            return whole.Counts.SequenceEqual(merged.Counts)
                && whole.Counts[2] == a.Concat(b).Count(x => x is > -0.5 and <= 0) && whole.Counts[5] == a.Concat(b).Count(x => x > 3);
        });

    [Fact]
    public void Area_under_the_curve_counts_pairs() =>
        Gen.Select(Gen.Int[0, 1].Array[2, 50], Gen.Int[0, 10].Array[50]).Sample((truth, ranks) =>
        {
            double[] score = [.. truth.Select((_, i) => ranks[i] / 10.0)];
            var positives = score.Where((_, i) => truth[i] == 1).ToArray();
            var negatives = score.Where((_, i) => truth[i] == 0).ToArray();
            var auc = new BinaryQuality(truth, score).RocAuc;
            return positives.Length == 0 || negatives.Length == 0
                ? auc is null
                : Samples.Close(BruteForce.U(positives, negatives) / ((double)positives.Length * negatives.Length), auc!.Value);
        });

    [Fact]
    public void Isotonic_fit_equals_the_min_max_formula() =>
        Gen.Select(Gen.Int[0, 20].Array[1, 40], Gen.Int[0, 1].Array[40]).Sample((x, y) =>
        {
            double[] scores = [.. x.Select(i => (double)i)], outcomes = [.. y.Take(x.Length).Select(i => (double)i)];
            var fit = IsotonicCalibration.Fit(scores, outcomes);
            double Mean(double low, double high) => outcomes.Where((_, i) => scores[i] >= low && scores[i] <= high).Average();
            return Array.TrueForAll(scores, s => Samples.Close(
                scores.Where(low => low <= s).Max(low => scores.Where(high => high >= s).Min(high => Mean(low, high))), fit.Predict(s)));
        });

    [Fact]
    public void Adjusted_p_values_equal_their_definitions() => Gen.Double[0, 1].Array[1, 30].Sample(p =>
    {
        double k = p.Length;
        double Rank(double value) => p.Count(other => other <= value);
        double[] hochberg = MultipleTests.Adjust(p, Correction.BenjaminiHochberg), holm = MultipleTests.Adjust(p, Correction.Holm);
        return p.Select((value, i) =>
            Samples.Close(p.Where(other => other >= value).Min(other => Math.Min(1, k * other / Rank(other))), hochberg[i])
            && Samples.Close(p.Where(other => other <= value).Max(other => Math.Min(1, (k - p.Count(x => x < other)) * other)), holm[i])).All(ok => ok);
    });

    [Fact]
    public void Regression_quality_of_parts_merges_to_that_of_the_whole() =>
        Gen.Select(Gen.Double[-100, 100].Array[4, 200], Gen.Double[-100, 100].Array[200], Gen.Int[1, 3]).Sample((y, noise, part) =>
        {
            double[] p = [.. y.Select((value, i) => value + noise[i])];
            var cut = y.Length * part / 4;
            RegressionQuality whole = RegressionQuality.Measure(y, p), merged = RegressionQuality.Merge(
                RegressionQuality.Measure(y[..cut], p[..cut]), RegressionQuality.Measure(y[cut..], p[cut..]));
            double mean = y.Average(), error = y.Zip(p, (a, b) => (a - b) * (a - b)).Sum(), spread = y.Sum(a => (a - mean) * (a - mean));
            return Samples.Close(Math.Sqrt(error / y.Length), whole.Rmse!.Value)
                && Samples.Close(1 - Math.Sqrt(error / spread), whole.Skill!.Value) && Samples.Close(whole.Skill.Value, merged.Skill!.Value)
                && Samples.Close(whole.R2!.Value, merged.R2!.Value) && Samples.Close(whole.Mae!.Value, merged.Mae!.Value);
        });

    [Fact]
    public void Merged_quantile_sketches_stay_within_their_rank_error()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 200_000).Select(_ => random.NextDouble() * random.NextDouble()).ToArray();
        var merged = new QuantileSketch(seed: 99);
        for (var i = 0; i < 100; i++)
        {
            var part = new QuantileSketch(seed: (ulong)i);
            part.Add(values.AsSpan(i * 2000, 2000));
            merged.Merge(part);
        }

        Array.Sort(values);
        Assert.Equal((values.Length, values[0], values[^1]), (merged.Count, merged.Minimum, merged.Maximum));
        Assert.True(merged.Retained < 1500, $"{merged.Retained} values held");
        Assert.All(Enumerable.Range(1, 99), percent =>
        {
            var rank = Array.BinarySearch(values, merged.Quantile(percent / 100.0));
            Assert.InRange(Math.Abs(rank) / (double)values.Length, percent / 100.0 - 0.0165, percent / 100.0 + 0.0165);
        });
    }

    [Theory]
    [InlineData(100)]
    [InlineData(40_000)]
    [InlineData(500_000)]
    public void Merged_distinct_counts_are_within_four_standard_errors(int distinct)
    {
        DistinctSketch left = new(), right = new();
        for (var i = 0; i < distinct; i++)
        {
            (i % 2 == 0 ? left : right).Add(i);
            left.Add((long)(i / 2));
        }

        left.Merge(right);
        Assert.InRange(left.Estimate() / distinct, 1 - 0.0325, 1 + 0.0325);
    }
}
