namespace MLOpsLearn.Statistics.Binning;

/// <summary>Counts of both sides over the same bins or categories; every divergence is a function of these alone.</summary>
/// <param name="Reference">Count of the reference in each bin.</param>
/// <param name="Current">Count of the current side in each bin.</param>
/// <param name="ReferenceTotal">Number of cleaned reference values.</param>
/// <param name="CurrentTotal">Number of cleaned current values.</param>
internal readonly record struct BinnedShares(long[] Reference, long[] Current, long ReferenceTotal, long CurrentTotal)
{
    public int Bins => Reference.Length;

    public double P(int bin) => (double)Reference[bin] / ReferenceTotal;

    public double Q(int bin) => (double)Current[bin] / CurrentTotal;
}
