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
        var keys = new List<CategoryKey>(reference.Keys.Count + 4);
        var (a, b) = (new List<long>(reference.Keys.Count + 4), new List<long>(reference.Keys.Count + 4));
        int i = 0, j = 0;
        while (i < reference.Keys.Count || j < current.Keys.Count)
        {
            var order = i >= reference.Keys.Count ? 1 : j >= current.Keys.Count ? -1 : reference.Keys[i].CompareTo(current.Keys[j]);
            keys.Add(order <= 0 ? reference.Keys[i] : current.Keys[j]);
            a.Add(order <= 0 ? reference.Occurrences[i++] : 0);
            b.Add(order >= 0 ? current.Occurrences[j++] : 0);
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

    /// <summary>Counts two dictionary-coded sides on two threads.</summary>
    public static CategoricalPair CreateParallel(
        ReadOnlyMemory<int> reference, IReadOnlyList<CategoryKey> referenceKeys, ReadOnlyMemory<int> current, IReadOnlyList<CategoryKey> currentKeys)
    {
        CategoricalSample? left = null, right = null;
        Parallel.Invoke(
            () => left = CategoricalSample.Create(reference.Span, referenceKeys),
            () => right = CategoricalSample.Create(current.Span, currentKeys));
        return new(left!, right!);
    }

    /// <summary>Categories of the current side that the reference lacks, most frequent first, ties in key order.</summary>
    public IReadOnlyList<CategoryCount> NewCategories() => OnlyIn(Shares.Current, Shares.Reference);

    /// <summary>Categories of the reference that the current side lacks, most frequent first, ties in key order.</summary>
    public IReadOnlyList<CategoryCount> GoneCategories() => OnlyIn(Shares.Reference, Shares.Current);

    private List<CategoryCount> OnlyIn(long[] here, long[] there) =>
        [.. Keys.Select((key, i) => (Key: key, Index: i)).Where(x => here[x.Index] > 0 && there[x.Index] == 0)
            .Select(x => new CategoryCount(x.Key, here[x.Index])).OrderByDescending(c => c.Count)];
}
