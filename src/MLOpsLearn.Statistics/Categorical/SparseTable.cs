using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>
/// Chi-squared homogeneity where expected counts are too low for its asymptotic law: over 50 categories and 50 rows that law alarms on
/// 11 % of clean windows at .05.
/// </summary>
public static class SparseTable
{
    /// <summary>Identity of the test with rare categories pooled.</summary>
    public const string Pooled = "chi2(homogeneity,pool<5)";

    private const double LowCount = 5;
    private const double LowShare = 0.2;
    private const int LargestPermuted = 10_000;
    private const long LargestPool = 20_000_000;
    private const double Slack = 1e-12;

    // So many extreme tables give p a relative error of 14 %, whatever p is.
    private const int EnoughExtremes = 50;
    private const int MostPermutations = 99_999;
    private const int LeastPermutations = 999;
    private const double MostRowsDrawn = 1e8;

    /// <summary>Whether more than a fifth of the cells expect fewer than five rows.</summary>
    public static bool IsSparse(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var shares = pair.Shares;
        double total = shares.ReferenceTotal + shares.CurrentTotal;
        var low = 0;
        for (var i = 0; i < shares.Bins; i++)
        {
            var column = shares.Reference[i] + shares.Current[i];
            low += column * (shares.ReferenceTotal / total) < LowCount ? 1 : 0;
            low += column * (shares.CurrentTotal / total) < LowCount ? 1 : 0;
        }

        return low > LowShare * 2 * shares.Bins;
    }

    /// <summary>
    /// The plain test. On a sparse table Fisher's exact test for two categories; for more the permutation p while the smaller side has at
    /// most 10,000 rows (and both together at most 20 million), and pooled categories above. The identity says which. Random tables are
    /// drawn until 50 were as extreme, at most 99,999 (fewer above 1,000 rows, but 10,000 at least): so a p-value has no floor that a
    /// correction over many columns would lift above alpha, and most columns need few tables.
    /// </summary>
    public static MethodResult Test(CategoricalPair pair, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is not null || !IsSparse(pair) ? ChiSquared.Test(pair)
            : pair.Shares.Bins == 2 ? BinaryTests.TestFisher(pair)
            : Math.Min(pair.Shares.ReferenceTotal, pair.Shares.CurrentTotal) <= LargestPermuted
                && pair.Shares.ReferenceTotal + pair.Shares.CurrentTotal <= LargestPool ? TestSequential(pair, cancellationToken)
            : TestPooled(pair);
    }

    // Besag and Clifford 1991: the first k extreme tables among n give the valid p-value k / n.
    private static MethodResult TestSequential(CategoricalPair pair, CancellationToken cancellationToken)
    {
        var rows = Math.Min(pair.Shares.ReferenceTotal, pair.Shares.CurrentTotal);
        var most = (int)Math.Clamp(MostRowsDrawn / rows, LeastPermutations, MostPermutations);
        const ulong seed = 1;
        var method = FormattableString.Invariant($"chi2(homogeneity,permutation,until={EnoughExtremes},B={most},seed={seed})");
        return Permute(pair, method, most, EnoughExtremes, seed, cancellationToken);
    }

    /// <summary>Exact up to chance: the share of random tables with the same margins whose statistic is at least the observed one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Both sides together have more than 2^30 rows.</exception>
    public static MethodResult TestPermuted(
        CategoricalPair pair, int permutations = 999, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var method = FormattableString.Invariant($"chi2(homogeneity,permutation,B={permutations},seed={seed})");
        return pair.Empty is { } reason
            ? MethodResult.Without(method, reason)
            : Permute(pair, method, permutations, int.MaxValue, seed, cancellationToken);
    }

    private static MethodResult Permute(
        CategoricalPair pair, string method, int permutations, int enough, ulong seed, CancellationToken cancellationToken)
    {
        // With fixed margins the smaller side alone decides: both cells of a column miss their expectation by the same count.
        var shares = pair.Shares;
        var small = shares.CurrentTotal <= shares.ReferenceTotal ? shares.Current : shares.Reference;
        double rows = small.Sum(), total = shares.ReferenceTotal + shares.CurrentTotal;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(total, 1 << 30, nameof(pair));
        var (expected, weight) = (new double[shares.Bins], new double[shares.Bins]);
        var pool = new int[(int)total];
        var next = 0;
        for (var i = 0; i < shares.Bins; i++)
        {
            var column = (int)(shares.Reference[i] + shares.Current[i]);
            expected[i] = column * (rows / total);
            weight[i] = 1 / expected[i] + 1 / (column - expected[i]);
            pool.AsSpan(next, column).Fill(i);
            next += column;
        }

        var observed = Statistic(Array.ConvertAll(small, count => (int)count), expected, weight);
        var random = new SeededRandom(seed);
        var counts = new int[shares.Bins];
        var (extreme, drawn) = (0, 0);
        for (; drawn < permutations && extreme < enough; drawn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Choose(pool.AsSpan(), (int)rows);
            Array.Clear(counts);
            foreach (var code in pool.AsSpan(0, (int)rows))
            {
                counts[code]++;
            }

            extreme += Statistic(counts, expected, weight) >= observed * (1 - Slack) ? 1 : 0;
        }

        return MethodResult.Of(method, observed, extreme == enough ? (double)extreme / drawn : (1.0 + extreme) / (drawn + 1)) with { DegreesOfFreedom = pair.Keys.Count - 1 };
    }

    /// <summary>The plain test after categories that expect fewer than five rows on a side are taken together.</summary>
    public static MethodResult TestPooled(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Pooled, reason);
        }

        BinnedShares shares = pair.Shares;
        var share = Math.Min(shares.ReferenceTotal, shares.CurrentTotal) / (double)(shares.ReferenceTotal + shares.CurrentTotal);
        var (keys, a, b) = (new List<CategoryKey>(), new List<long>(), new List<long>());
        long otherA = 0, otherB = 0;
        for (var i = 0; i < shares.Bins; i++)
        {
            if ((shares.Reference[i] + shares.Current[i]) * share < LowCount)
            {
                otherA += shares.Reference[i];
                otherB += shares.Current[i];
                continue;
            }

            keys.Add(pair.Keys[i]);
            a.Add(shares.Reference[i]);
            b.Add(shares.Current[i]);
        }

        if (otherA + otherB > 0)
        {
            keys.Add(CategoryKey.Other);
            a.Add(otherA);
            b.Add(otherB);
        }

        return ChiSquared.Test(new(CategoricalSample.FromCounts(keys, a), CategoricalSample.FromCounts(keys, b))) with { Method = Pooled };
    }

    private static double Statistic(int[] counts, double[] expected, double[] weight)
    {
        var sum = 0.0;
        for (var i = 0; i < counts.Length; i++)
        {
            var gap = counts[i] - expected[i];
            sum += gap * gap * weight[i];
        }

        return sum;
    }
}
