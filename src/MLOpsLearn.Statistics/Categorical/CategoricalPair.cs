using MLOpsLearn.Statistics.Binning;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>The table of counts of a reference and a current sample over the union of their categories, in key order.</summary>
public sealed class CategoricalPair
{
    /// <summary>Aligns two samples; reference first.</summary>
    public CategoricalPair(CategoricalSample reference, CategoricalSample current)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        (Reference, Current) = (reference, current);
        var (left, leftRows) = (reference.Keys, reference.Occurrences);
        var (right, rightRows) = (current.Keys, current.Occurrences);
        var keys = new List<CategoryKey>(left.Count + 4);
        var (a, b) = (new List<long>(left.Count + 4), new List<long>(left.Count + 4));
        int i = 0, j = 0;
        while (i < left.Count || j < right.Count)
        {
            var order = i >= left.Count ? 1 : j >= right.Count ? -1 : left[i].CompareTo(right[j]);
            keys.Add(order <= 0 ? left[i] : right[j]);
            a.Add(order <= 0 ? leftRows[i++] : 0);
            b.Add(order >= 0 ? rightRows[j++] : 0);
        }

        Keys = [.. keys];
        Shares = new([.. a], [.. b], reference.Counts.Valid, current.Counts.Valid);
    }

    /// <summary>What the window is compared with.</summary>
    public CategoricalSample Reference { get; }

    /// <summary>The window.</summary>
    public CategoricalSample Current { get; }

    /// <summary>Categories seen on either side.</summary>
    public IReadOnlyList<CategoryKey> Keys { get; }

    /// <summary>Reference rows of each of <see cref="Keys"/>.</summary>
    public IReadOnlyList<long> ReferenceCounts => Shares.Reference;

    /// <summary>Current rows of each of <see cref="Keys"/>.</summary>
    public IReadOnlyList<long> CurrentCounts => Shares.Current;

    internal BinnedShares Shares { get; }

    internal UndefinedReason? Empty =>
        Shares.ReferenceTotal == 0 ? UndefinedReason.EmptyReference : Shares.CurrentTotal == 0 ? UndefinedReason.EmptyCurrent : null;

    /// <summary>Share of current rows whose category the reference lacks; 0 for an empty window.</summary>
    public double NewCategoryShare
    {
        get
        {
            long rows = 0;
            for (var i = 0; i < Keys.Count; i++)
            {
                rows += Shares.Reference[i] == 0 ? Shares.Current[i] : 0;
            }

            return Shares.CurrentTotal == 0 ? 0 : (double)rows / Shares.CurrentTotal;
        }
    }

    /// <summary>Counts two dictionary-coded sides on all cores.</summary>
    public static CategoricalPair CreateParallel(
        ReadOnlyMemory<int> reference, IReadOnlyList<CategoryKey> referenceKeys, ReadOnlyMemory<int> current, IReadOnlyList<CategoryKey> currentKeys)
    {
        CategoricalSample? left = null, right = null;
        Parallel.Invoke(
            () => left = CategoricalSample.CreateParallel(reference, referenceKeys),
            () => right = CategoricalSample.CreateParallel(current, currentKeys));
        return new(left!, right!);
    }

    /// <summary>
    /// The table of the most frequent categories of the reference (ties in key order), all others taken together as
    /// <see cref="CategoryKey.Other"/>. Methods on it carry <c>,top=1000</c> in their identity:
    /// <see cref="CategoricalMethods.Compute"/> does both. Never sorts the current side, so millions of new values cost one pass.
    /// </summary>
    /// <param name="reference">What the window is compared with.</param>
    /// <param name="current">The window.</param>
    /// <param name="categories">Categories kept, at least 1.</param>
    public static CategoricalPair OfTop(CategoricalSample reference, CategoricalSample current, int categories = 1000)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 1);
        var top = CategoryNovelty.MostFrequent(reference.Entries, categories).Select(c => c.Key).ToHashSet();
        return new(Kept(reference, top), Kept(current, top));

        static CategoricalSample Kept(CategoricalSample sample, HashSet<CategoryKey> top)
        {
            var (keys, counts) = (new List<CategoryKey>(top.Count + 1), new List<long>(top.Count + 1));
            long other = 0;
            for (var i = 0; i < sample.Unordered.Length; i++)
            {
                if (top.Contains(sample.Unordered[i]))
                {
                    keys.Add(sample.Unordered[i]);
                    counts.Add(sample.UnorderedCounts[i]);
                }
                else
                {
                    other += sample.UnorderedCounts[i];
                }
            }

            return CategoricalSample.FromCounts([.. keys, CategoryKey.Other], [.. counts, other], sample.Counts.Null);
        }
    }

    /// <summary>Categories of the current side that the reference lacks, most frequent first, ties in key order.</summary>
    public IReadOnlyList<CategoryCount> NewCategories() => OnlyIn(Shares.Current, Shares.Reference);

    /// <summary>Categories of the reference that the current side lacks, most frequent first, ties in key order.</summary>
    public IReadOnlyList<CategoryCount> GoneCategories() => OnlyIn(Shares.Reference, Shares.Current);

    /// <summary>
    /// Reference categories that the current side lacks although it should have about <paramref name="minimumExpected"/> rows of them
    /// or more (m p): those whose absence means something.
    /// </summary>
    public IReadOnlyList<CategoryCount> GoneCategories(double minimumExpected) =>
        [.. GoneCategories().Where(gone => (double)gone.Count * Shares.CurrentTotal / Shares.ReferenceTotal >= minimumExpected)];

    private List<CategoryCount> OnlyIn(long[] here, long[] there) =>
        [.. Keys.Select((key, i) => (Key: key, Index: i)).Where(x => here[x.Index] > 0 && there[x.Index] == 0)
            .Select(x => new CategoryCount(x.Key, here[x.Index])).OrderByDescending(c => c.Count)];
}
