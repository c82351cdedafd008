namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>For each positive the share of negatives it outranks, for each negative the share of positives that outrank it; ties one half.</summary>
/// <param name="Positives">In order of the rows.</param>
/// <param name="Negatives">In order of the rows.</param>
internal sealed record Placements(double[] Positives, double[] Negatives)
{
    /// <summary>The area under the ROC curve.</summary>
    public double Area => Positives.Average();

    public static Placements Of(ReadOnlySpan<int> truth, ReadOnlySpan<double> scores)
    {
        var (positives, negatives) = (new List<double>(), new List<double>());
        for (var i = 0; i < truth.Length; i++)
        {
            (truth[i] == 1 ? positives : negatives).Add(scores[i]);
        }

        double[] sortedPositives = [.. positives.Order()], sortedNegatives = [.. negatives.Order()];
        return new(
            [.. positives.Select(score => Below(sortedNegatives, score))],
            [.. negatives.Select(score => 1 - Below(sortedPositives, score))]);
    }

    private static double Below(double[] sorted, double score)
    {
        int first = FirstAtLeast(sorted, score, inclusive: false), after = FirstAtLeast(sorted, score, inclusive: true);
        return sorted.Length == 0 ? 0 : (first + (after - first) / 2.0) / sorted.Length;
    }

    private static int FirstAtLeast(double[] sorted, double value, bool inclusive)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = sorted[middle] < value || (inclusive && sorted[middle] == value) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
