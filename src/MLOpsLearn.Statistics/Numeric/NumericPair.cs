namespace MLOpsLearn.Statistics.Numeric;

/// <summary>A reference and a current sample of one numeric column. What the methods share is computed once, on first use.</summary>
public sealed class NumericPair
{
    private readonly Lazy<PooledSweep> _sweep;

    /// <summary>Pairs two cleaned samples; reference first, since several methods are not symmetric.</summary>
    public NumericPair(NumericSample reference, NumericSample current)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        Reference = reference;
        Current = current;
        _sweep = new(() => PooledSweep.Of(Reference.Sorted, Current.Sorted));
    }

    /// <summary>What the window is compared with.</summary>
    public NumericSample Reference { get; }

    /// <summary>The window.</summary>
    public NumericSample Current { get; }

    /// <summary>Number of distinct values over both sides.</summary>
    public int PooledDistinct => Sweep.Distinct;

    internal PooledSweep Sweep => _sweep.Value;

    /// <summary>The reason why no two-sample method applies, or null.</summary>
    internal UndefinedReason? Empty =>
        Reference.Count == 0 ? UndefinedReason.EmptyReference : Current.Count == 0 ? UndefinedReason.EmptyCurrent : null;

    internal bool IsConstant => Math.Min(Reference.Sorted[0], Current.Sorted[0]) == Math.Max(Reference.Sorted[^1], Current.Sorted[^1]);

    /// <summary>Cleans and pairs two columns without nulls.</summary>
    public static NumericPair Create(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) =>
        new(NumericSample.Create(reference), NumericSample.Create(current));

    /// <summary>As <see cref="Create"/>, sorting the two sides on two threads.</summary>
    public static NumericPair CreateParallel(ReadOnlyMemory<double> reference, ReadOnlyMemory<double> current)
    {
        NumericSample? left = null, right = null;
        Parallel.Invoke(() => left = NumericSample.Create(reference.Span), () => right = NumericSample.Create(current.Span));
        return new(left!, right!);
    }
}
