using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>
/// p-value of any distance: the share of random relabellings whose distance is at least the observed one, (1 + count) / (B + 1), so
/// never 0. Everything that depends on which side is the reference, such as its deciles, is computed anew each time. Sides above
/// 10,000 rows are sampled down, and the identity says so.
/// </summary>
public static class PermutationTest
{
    /// <summary>Rows a side that take part at most.</summary>
    public const int LargestSide = 10_000;

    // Ties with the observed value count as extreme despite rounding.
    private const double Slack = 1e-12;

    /// <summary>Tests a numeric distance.</summary>
    /// <param name="pair">The two samples.</param>
    /// <param name="distance">The distance, larger meaning farther, for example <see cref="TransportDistance.OfWasserstein"/>.</param>
    /// <param name="permutations">B: at least 199 for alpha .05, 999 for .01.</param>
    /// <param name="seed">Seed, recorded in the identity.</param>
    /// <param name="alpha">Largest p that is drift.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    public static RuleVerdict Test(
        NumericPair pair,
        Func<NumericPair, MethodResult> distance,
        int permutations = 999,
        ulong seed = 1,
        double alpha = 0.05,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(distance);
        var random = new SeededRandom(seed);
        var sampled = new NumericPair(Sample(pair.Reference, ref random), Sample(pair.Current, ref random));
        var observed = distance(sampled);
        var rule = Rule(permutations, seed, pair.Reference.Count, pair.Current.Count);
        if (observed.Statistic is not { } value)
        {
            return new(rule, observed, null, null);
        }

        int n = sampled.Reference.Count, m = sampled.Current.Count;
        double[] pooled = [.. sampled.Reference.Sorted, .. sampled.Current.Sorted];
        Array.Sort(pooled);
        var order = new int[n + m];
        var first = new bool[n + m];
        var (left, right) = (new double[n], new double[m]);
        var extreme = 0;
        for (var b = 0; b < permutations; b++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Relabel(order, first, n, ref random);

            // Picking from the sorted pool leaves both sides sorted: no permutation costs a sort.
            int i = 0, j = 0;
            for (var k = 0; k < pooled.Length; k++)
            {
                if (first[k])
                {
                    left[i++] = pooled[k];
                }
                else
                {
                    right[j++] = pooled[k];
                }
            }

            var drawn = distance(new(NumericSample.FromSorted(left), NumericSample.FromSorted(right))).Statistic;
            extreme += drawn >= value - Slack * Math.Abs(value) ? 1 : 0;
        }

        return Judge(rule, observed, extreme, permutations, alpha);
    }

    /// <summary>Tests a categorical distance with the margins of the table fixed.</summary>
    public static RuleVerdict Test(
        CategoricalPair pair,
        Func<CategoricalPair, MethodResult> distance,
        int permutations = 999,
        ulong seed = 1,
        double alpha = 0.05,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(distance);
        var random = new SeededRandom(seed);
        int[] reference = Sample(pair.ReferenceCounts, ref random), current = Sample(pair.CurrentCounts, ref random);
        var observed = distance(Pair(pair.Keys, reference, current));
        var rule = Rule(permutations, seed, pair.Reference.Counts.Valid, pair.Current.Counts.Valid);
        if (observed.Statistic is not { } value)
        {
            return new(rule, observed, null, null);
        }

        int[] pooled = [.. reference, .. current];
        var extreme = 0;
        for (var b = 0; b < permutations; b++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            random.Choose(pooled.AsSpan(), reference.Length);
            var drawn = distance(Pair(pair.Keys, pooled.AsSpan(0, reference.Length), pooled.AsSpan(reference.Length))).Statistic;
            extreme += drawn >= value - Slack * Math.Abs(value) ? 1 : 0;
        }

        return Judge(rule, observed, extreme, permutations, alpha);
    }

    private static RuleVerdict Judge(string rule, MethodResult observed, int extreme, int permutations, double alpha)
    {
        var p = (1.0 + extreme) / (permutations + 1);
        return new(rule, observed with { PValue = p, Exact = null }, null, p <= alpha);
    }

    private static string Rule(int permutations, ulong seed, long n, long m)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        var sample = Math.Max(n, m) > LargestSide ? $",sample={LargestSide}" : string.Empty;
        return FormattableString.Invariant($"permutation(B={permutations},seed={seed}{sample})");
    }

    private static void Relabel(int[] order, bool[] first, int n, ref SeededRandom random)
    {
        for (var k = 0; k < order.Length; k++)
        {
            order[k] = k;
        }

        random.Choose(order.AsSpan(), n);
        Array.Clear(first);
        for (var k = 0; k < n; k++)
        {
            first[order[k]] = true;
        }
    }

    private static NumericSample Sample(NumericSample sample, ref SeededRandom random)
    {
        if (sample.Count <= LargestSide)
        {
            return sample;
        }

        var values = sample.Sorted.ToArray();
        random.Choose(values.AsSpan(), LargestSide);
        return NumericSample.Create(values.AsSpan(0, LargestSide));
    }

    private static int[] Sample(IReadOnlyList<long> counts, ref SeededRandom random)
    {
        // Rows are numbered along the counts: counts of billions cost no memory.
        var ends = new long[counts.Count];
        for (var code = 0; code < ends.Length; code++)
        {
            ends[code] = counts[code] + (code == 0 ? 0 : ends[code - 1]);
        }

        var total = ends.Length == 0 ? 0 : ends[^1];
        if (total <= LargestSide)
        {
            return [.. counts.SelectMany(static (count, code) => Enumerable.Repeat(code, (int)count))];
        }

        var rows = new HashSet<long>(LargestSide);
        while (rows.Count < LargestSide)
        {
            rows.Add(random.NextLong(total));
        }

        return [.. rows.Select(row => CodeOf(ends, row))];
    }

    // The first code whose rows end after the row.
    private static int CodeOf(long[] ends, long row)
    {
        int low = 0, high = ends.Length - 1;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = ends[middle] <= row ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static CategoricalPair Pair(IReadOnlyList<CategoryKey> keys, ReadOnlySpan<int> reference, ReadOnlySpan<int> current) =>
        new(CategoricalSample.Create(reference, keys), CategoricalSample.Create(current, keys));
}
