using System.Numerics;
using CsCheck;
using MLOpsLearn.Statistics.Categorical;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Properties;

public sealed class CategoricalDefinitionTests
{
    private static readonly Gen<(long[] A, long[] B)> Tables = Gen.Select(Gen.Int[1, 8], Gen.Long[0, 30].Array[8], Gen.Long[0, 30].Array[8])
        .Select((k, a, b) => (a[..k], b[..k]))
        .Where(t => t.Item1.Sum() > 0 && t.Item2.Sum() > 0 && t.Item1.Zip(t.Item2, (x, y) => x + y).All(x => x > 0));

    private static readonly Gen<(long A, long B, long C, long D)> Squares =
        Gen.Select(Gen.Long[0, 15], Gen.Long[0, 15], Gen.Long[0, 15], Gen.Long[0, 15]).Where((a, b, c, d) => a + b > 0 && c + d > 0 && a + c > 0 && b + d > 0);

    private static readonly string[] Letters =
        ["a", "B", "\u00e9", "e\u0301", "\u65e5", "\ud7ff", "\ue000", "\uff21", "\ufffd", "\U0001f600", "\U0010ffff"];

    [Fact]
    public void Text_sorts_like_its_utf8_bytes() =>
        Gen.Int[0, Letters.Length - 1].Select(i => Letters[i]).Array[0, 4].Array[2].Sample(words =>
        {
            string left = string.Concat(words[0]), right = string.Concat(words[1]);
            var expected = System.Text.Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right));
            return Math.Sign(CategoryKey.Of(left).CompareTo(CategoryKey.Of(right))) == Math.Sign(expected);
        });

    [Fact]
    public void Table_tests_equal_their_definitions() => Tables.Sample(
        (a, b) =>
        {
            var pair = Pair(a, b);
            double n = a.Sum(), m = b.Sum(), total = n + m, chi = 0, yates = 0, g = 0, fit = 0, smallest = double.PositiveInfinity;
            for (var i = 0; i < a.Length; i++)
            {
                foreach (var (o, row) in new[] { ((double)a[i], n), (b[i], m) })
                {
                    var e = row * (a[i] + b[i]) / total;
                    smallest = Math.Min(smallest, e);
                    chi += (o - e) * (o - e) / e;
                    yates += Math.Pow(Math.Abs(o - e) - (a.Length == 2 ? Math.Min(0.5, Math.Abs(o - e)) : 0), 2) / e;
                    g += o == 0 ? 0 : 2 * o * Math.Log(o / e);
                }

                var expected = a[i] * m / n;
                fit += (b[i] - expected) * (b[i] - expected) / expected;
            }

            var degrees = a.Length - 1;
            MethodResult test = ChiSquared.Test(pair), goodness = ChiSquared.TestGoodnessOfFit(pair);
            return degrees == 0
                ? test is { Statistic: 0, PValue: 1, DegreesOfFreedom: 0 }
                : Same(test, chi, degrees) && Same(ChiSquared.TestYates(pair), yates, degrees) && Same(ChiSquared.TestLikelihoodRatio(pair), g, degrees)
                    && Samples.Close(smallest, test.MinExpected!.Value)
                    && (double.IsInfinity(fit) ? goodness is { Statistic: double.PositiveInfinity, PValue: 0 } : Same(goodness, fit, degrees));
        },
        iter: 60);

    [Fact]
    public void Effects_and_divergences_equal_their_definitions() => Tables.Sample((a, b) =>
    {
        var pair = Pair(a, b);
        double n = a.Sum(), m = b.Sum();
        double[] p = [.. a.Select(x => x / n)], q = [.. b.Select(x => x / m)], left = [.. a], right = [.. b];
        double Of(string identity) => CategoricalMethods.Compute(identity, pair).Statistic!.Value;
        var chi = a.Length == 1 ? 0 : ChiSquared.Test(pair).Statistic!.Value;
        return Samples.Close(Math.Sqrt(chi / (n + m)), Of("cramers-v"))
            && Samples.Close(Math.Sqrt(0.5 * p.Zip(q, (x, y) => (x - y) * (x - y) / (x + y)).Sum()), Of("cramers-v(balanced)"))
            && Samples.Close(0.5 * p.Zip(q, (x, y) => Math.Abs(x - y)).Sum(), Of("tvd"))
            && Samples.Close(p.Zip(q, (x, y) => Math.Abs(x - y)).Max(), Of("l-infinity"))
            && Samples.Close(BinDefinitions.Divergence("psi", "1e-4", left, right), Of("psi(zero=1e-4)"))
            && Samples.Close(BinDefinitions.Divergence("psi", "adaptive-1e-4", left, right), Of("psi(zero=adaptive-1e-4)"))
            && Samples.Close(BinDefinitions.Divergence("kl", "1e-4", left, right), Of("kl(zero=1e-4)"))
            && Samples.Close(BinDefinitions.Divergence("js", "", left, right), Of("js(log=e)"), 1e-7)
            && Samples.Close(BinDefinitions.Divergence("js", "", left, right) / Math.Sqrt(Math.Log(2)), Of("js(log=2)"), 1e-7)
            && Samples.Close(BinDefinitions.Divergence("hellinger", "", left, right), Of("hellinger"), 1e-7)
            && Samples.Close(b.Where((_, i) => a[i] == 0).Sum() / m, Of("new-category-share"))
            && b.Where((_, i) => a[i] > 0).Count(x => x == 0) == Of("missing-category-count");
    });

    [Fact]
    public void Two_category_tests_equal_their_definitions() => Squares.Sample(
        (a, b, c, d) =>
        {
            var pair = Pair([a, b], [c, d]);
            double n = a + b, m = c + d, pooled = (b + d) / (n + m);
            var z = (b / n - d / m) / Math.Sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
            MethodResult test = BinaryTests.TestZ(pair), fisher = BinaryTests.TestFisher(pair);
            return Samples.Close(z, test.Statistic!.Value) && Samples.Close(2 * NumericDefinitions.NormalTail(Math.Abs(z)), test.PValue!.Value)
                && Samples.Close(Fisher(a, b, c, d), fisher.PValue!.Value, 1e-12)
                && (b * c == 0 ? fisher.Statistic == double.PositiveInfinity : Samples.Close((double)(a * d) / (b * c), fisher.Statistic!.Value));
        },
        iter: 60);

    [Fact]
    public void Permuted_p_is_near_the_share_of_all_splits() => Gen.Select(Gen.Int[0, 3].Array[3, 8], Gen.Int[0, 3].Array[3, 8]).Sample(
        (r, c) =>
        {
            double[] left = [.. r.Select(x => (double)x)], right = [.. c.Select(x => (double)x)];
            var exact = BruteForce.ExactPValue(left, right, Chi);
            var p = SparseTable.TestPermuted(Pair(Count(left), Count(right)), permutations: 4000).PValue!.Value;
            return Math.Abs(p - exact) <= 5 * Math.Sqrt(exact * (1 - exact) / 4000) + 1.0 / 4001;
        },
        iter: 25);

    [Fact]
    public void A_sparse_table_is_judged_by_as_many_permutations_as_its_p_needs() => Gen.Select(Gen.Int[0, 3].Array[4, 8], Gen.Int[0, 3].Array[4, 8]).Sample(
        (r, c) =>
        {
            double[] left = [.. r.Select(x => (double)x)], right = [.. c.Select(x => (double)x)];
            var test = SparseTable.Test(Pair(Count(left), Count(right)));
            if (!test.Method.Contains("until=50", StringComparison.Ordinal))
            {
                return left.Concat(right).Distinct().Count() <= 2;
            }

            // 50 extreme tables leave a relative error of 1 / sqrt(50); five of those.
            var exact = BruteForce.ExactPValue(left, right, Chi);
            return Math.Abs(test.PValue!.Value - exact) <= 5 * exact / Math.Sqrt(50) + 1e-4;
        },
        iter: 40);

    [Fact]
    public void Categories_beyond_the_top_are_one() => Gen.Select(Gen.Long[0, 9].Array[12], Gen.Long[0, 9].Array[12], Gen.Int[1, 6])
        .Where((a, b, _) => a.Sum() > 0 && b.Sum() > 0).Sample((a, b, top) =>
        {
            int[] order = [.. Enumerable.Range(0, 12).Where(i => a[i] > 0).OrderByDescending(i => a[i]).ThenBy(i => i).Take(top)];
            int[] rest = [.. Enumerable.Range(0, 12).Except(order)];
            var expected = CategoryEffect.OfTotalVariation(Pair(
                [.. order.Select(i => a[i]), rest.Sum(i => a[i])], [.. order.Select(i => b[i]), rest.Sum(i => b[i])]));
            var named = CategoricalMethods.Compute($"tvd(top={top})", Pair(a, b));
            return named.Method == $"tvd(top={top})" && Samples.Close(expected.Statistic!.Value, named.Statistic!.Value);
        });

    [Fact]
    public void Parts_merge_to_the_whole_and_cores_count_alike() => Gen.Int[-1, 6].Array[0, 50].Array[1, 6].Sample(parts =>
    {
        CategoryKey[] keys = [.. "gfedcbg".Select(letter => CategoryKey.Of(letter.ToString()))];
        int[] whole = [.. parts.SelectMany(part => part)];
        CategoricalSample all = CategoricalSample.Create(whole, keys), merged = CategoricalSample.Merge([.. parts.Select(p => CategoricalSample.Create(p, keys))]);
        var many = CategoricalSample.CreateParallel(Enumerable.Repeat(whole, whole.Length == 0 ? 1 : 500_000 / whole.Length).SelectMany(c => c).ToArray(), keys);
        return all.Keys.SequenceEqual(merged.Keys) && all.Occurrences.SequenceEqual(merged.Occurrences) && all.Counts == merged.Counts
            && (whole.Length == 0 || many.Occurrences.SequenceEqual(all.Occurrences.Select(count => count * (500_000 / whole.Length))));
    }, iter: 20);

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData((1L << 53) + 1)]
    public void Whole_numbers_beyond_doubles_keep_their_last_digit(long number)
    {
        var other = number == long.MinValue ? number + 1 : number - 1;
        Assert.NotEqual(CategoryKey.Of(number), CategoryKey.Of(other));
        Assert.Equal(number.ToString(System.Globalization.CultureInfo.InvariantCulture), CategoryKey.Of(number).ToString());
        Assert.Equal(number < other, CategoryKey.Of(number) < CategoryKey.Of(other));
        Assert.Equal(CategoryKey.Of(1L), CategoryKey.Of(1.0));
    }

    private static CategoricalPair Pair(long[] a, long[] b)
    {
        CategoryKey[] keys = [.. Enumerable.Range(0, a.Length).Select(i => CategoryKey.Of($"{i:00}"))];
        return new(CategoricalSample.FromCounts(keys, a), CategoricalSample.FromCounts(keys, b));
    }

    private static long[] Count(double[] codes) => [.. Enumerable.Range(0, 4).Select(i => (long)codes.Count(x => x == i))];

    private static double Chi(double[] r, double[] c) => r.Concat(c).Distinct().Sum(v =>
    {
        double a = r.Count(x => x == v), b = c.Count(x => x == v), total = r.Length + c.Length;
        double ea = (a + b) * r.Length / total, eb = (a + b) * c.Length / total;
        return (a - ea) * (a - ea) / ea + (b - eb) * (b - eb) / eb;
    });

    private static bool Same(MethodResult result, double statistic, int degrees) =>
        Samples.Close(statistic, result.Statistic!.Value) && result.DegreesOfFreedom == degrees
        && Samples.Close(ChiTail(statistic, degrees), result.PValue!.Value, 1e-8);

    // x = u^2 takes the singularity of one degree of freedom away.
    private static double ChiTail(double x, int degrees)
    {
        double Density(double u) => 2 * Math.Pow(u, degrees - 1) * Math.Exp(-u * u / 2);
        return BruteForce.Integrate(Density, Math.Sqrt(Math.Max(0, x)), Math.Sqrt(Math.Max(0, x)) + 40) / BruteForce.Integrate(Density, 0, 40);
    }

    private static double Fisher(long a, long b, long c, long d)
    {
        BigInteger Weight(long x) =>
            NumericDefinitions.Binomial((int)(a + c), (int)x) * NumericDefinitions.Binomial((int)(b + d), (int)(a + b - x));
        var observed = Weight(a);
        BigInteger extreme = 0, all = 0;
        for (long x = 0; x <= a + b; x++)
        {
            all += Weight(x);
            extreme += Weight(x) <= observed ? Weight(x) : 0;
        }

        return (double)extreme / (double)all;
    }
}
