using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Windows;

namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>
/// Fires when the distance of the window lies above what chunks of the reference, each as large as the window, show among
/// themselves. Wants at least ten chunks; below 30 the Student limits replace three deviations, and of more than 100 chunks 100 are taken, evenly spread.
/// </summary>
public static class ReferenceChunkRule
{
    private const int FewChunks = 30;
    private const int WantedChunks = 10;

    // Each chunk costs a look at the whole reference; more of them add nothing to the limits.
    private const int MostChunks = 100;

    /// <summary>Judges a window.</summary>
    /// <param name="reference">Reference values in the order of their rows, so that chunks are what windows would have been.</param>
    /// <param name="current">The window.</param>
    /// <param name="distance">The distance, larger meaning farther.</param>
    /// <param name="leaveOneOut">Compare a chunk with the rest (the rule), not with the reference that holds it, which biases low.</param>
    /// <param name="ceiling">Largest value of the distance: 1 for shares and Jensen-Shannon in bits, for example.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    public static RuleVerdict Judge(
        ReadOnlySpan<double> reference,
        ReadOnlySpan<double> current,
        Func<NumericPair, MethodResult> distance,
        bool leaveOneOut = true,
        double ceiling = double.PositiveInfinity,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(distance);
        var all = reference.ToArray();
        var chunks = current.Length == 0 ? [] : Chunks.BySize(all.Length, current.Length, ChunkRemainder.Drop);
        chunks = chunks.Count <= MostChunks ? chunks : [.. Enumerable.Range(0, MostChunks).Select(i => chunks[(int)((long)chunks.Count * i / MostChunks)])];
        var values = new List<double>(chunks.Count);
        var whole = NumericSample.Create(all);
        foreach (var range in chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rest = leaveOneOut ? NumericSample.Create([.. all[..range.Start], .. all[range.End..]]) : whole;
            values.Add(distance(new(rest, NumericSample.Create(all[range]))).Statistic ?? double.NaN);
        }

        var limits = values.Count >= FewChunks ? ReferenceLimits.Population([.. values], 3, 0, ceiling)
            : ReferenceLimits.Student([.. values], 0, ceiling);
        var rule = FormattableString.Invariant(
            $"reference-chunks({(leaveOneOut ? "loo" : "in")},k={values.Count},{(values.Count >= FewChunks ? "mean+3*std_pop" : "student")})");
        var observed = distance(new(whole, NumericSample.Create(current)));
        return new(
            rule,
            observed,
            limits?.Upper,
            observed.Statistic is { } value && limits is not null ? limits.IsOutside(value) && value > limits.Mean : null,
            values.Count < WantedChunks ? $"Only {values.Count} chunks of {current.Length} rows fit into the reference; {WantedChunks} are wanted." : null);
    }
}
