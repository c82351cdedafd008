using MLOpsLearn.Statistics.Distributions;
using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>One pair of columns whose correlation is compared.</summary>
/// <param name="First">Number of the first column.</param>
/// <param name="Second">Number of the second column, larger.</param>
/// <param name="Reference">Pearson's r of the reference over rows complete in both; null when undefined.</param>
/// <param name="Current">The same of the current side.</param>
/// <param name="PValue">Fisher's z test that both are equal; null when a side is undefined or has fewer than four complete rows.</param>
/// <param name="AdjustedPValue">p after Benjamini-Hochberg over the pairs.</param>
public sealed record CorrelationPair(int First, int Second, double? Reference, double? Current, double? PValue, double? AdjustedPValue);

/// <summary>
/// Change of the Pearson correlations between columns: z = (atanh r_C - atanh r_R) / sqrt(1/(n - 3) + 1/(m - 3)), two-sided
/// (Fisher 1921). The test wants roughly normal columns.
/// </summary>
/// <param name="Pairs">All pairs of columns.</param>
public sealed record CorrelationChange(IReadOnlyList<CorrelationPair> Pairs)
{
    // A perfect correlation has no finite z; this is as near as doubles can tell.
    private const double Largest = 1 - 1e-15;

    /// <summary>Largest absolute difference of two correlations, 0 to 2; null when no pair is defined on both sides.</summary>
    public double? LargestDifference => Pairs.Max(pair => pair is { Reference: { } r, Current: { } c } ? Math.Abs(c - r) : default(double?));

    /// <summary>Compares all pairs of columns, each over the rows where both are finite.</summary>
    /// <param name="reference">Columns of the reference, of equal length.</param>
    /// <param name="current">The same columns of the current side, of equal length.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    /// <exception cref="ArgumentException">The sides differ in columns, or columns of a side in length.</exception>
    public static CorrelationChange Between(
        IReadOnlyList<double[]> reference, IReadOnlyList<double[]> current, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Count, reference.Count, nameof(current));
        var pairs = new List<CorrelationPair>();
        for (var i = 0; i < reference.Count; i++)
        {
            for (var j = i + 1; j < reference.Count; j++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                pairs.Add(Compare(i, j, Correlation.Complete(reference[i], reference[j]), Correlation.Complete(current[i], current[j])));
            }
        }

        double[] tested = [.. pairs.Where(pair => pair.PValue is not null).Select(pair => pair.PValue!.Value)];
        var adjusted = MultipleTests.Adjust(tested, Correction.BenjaminiHochberg);
        var next = 0;
        return new([.. pairs.Select(pair => pair.PValue is null ? pair : pair with { AdjustedPValue = adjusted[next++] })]);
    }

    private static CorrelationPair Compare(int i, int j, (double[] X, double[] Y) reference, (double[] X, double[] Y) current)
    {
        double? r = Correlation.Pearson(reference.X, reference.Y), c = Correlation.Pearson(current.X, current.Y);
        double n = reference.X.Length, m = current.X.Length;
        double? p = r is null || c is null || n < 4 || m < 4
            ? null
            : UpperTail.NormalTwoSided((Fisher(c.Value) - Fisher(r.Value)) / Math.Sqrt(1 / (n - 3) + 1 / (m - 3)));
        return new(i, j, r, c, p, null);
    }

    private static double Fisher(double r) => Math.Atanh(Math.Clamp(r, -Largest, Largest));
}
