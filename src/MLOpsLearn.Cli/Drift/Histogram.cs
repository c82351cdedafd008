using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift;

/// <summary>Shares of both sides over a few bars, for the eye only: the range is that of the middle 98 %, what lies outside counts in the end bars.</summary>
internal sealed record Histogram(IReadOnlyList<string> Labels, IReadOnlyList<double> Reference, IReadOnlyList<double> Current)
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    public static Histogram Of(DriftColumn reference, DriftColumn current, int bars)
    {
        if (reference is { NumericSample: { Count: > 0 } left } && current is { NumericSample: { Count: > 0 } right })
        {
            return Numbers(left, right, bars);
        }

        return reference.CategoricalSample is { } before && current.CategoricalSample is { } after
            ? Categories(new(before, after), bars)
            : new([], [], []);
    }

    /// <summary>One character a bar, full height at the largest share of either side.</summary>
    public static string Spark(IReadOnlyList<double> shares, double largest) => string.Concat(
        shares.Select(share => share == 0 ? ' ' : Blocks[Math.Clamp((int)(share / largest * Blocks.Length), 0, Blocks.Length - 1)]));

    public double Largest => Math.Max(Reference.DefaultIfEmpty(1).Max(), Current.DefaultIfEmpty(1).Max());

    private static Histogram Numbers(NumericSample left, NumericSample right, int bars)
    {
        double low = Math.Min(left.Quantile(0.01), right.Quantile(0.01)), high = Math.Max(left.Quantile(0.99), right.Quantile(0.99));
        var width = high / bars - low / bars;
        double[] Shares(NumericSample sample)
        {
            var counts = new double[bars];
            foreach (var value in sample.Sorted)
            {
                counts[width > 0 ? (int)Math.Clamp((value - low) / width, 0, bars - 1) : 0]++;
            }

            return Array.ConvertAll(counts, count => count / sample.Count);
        }

        return new(
            [.. Enumerable.Range(0, bars).Select(i => FormattableString.Invariant($"{low + i * width:G4} – {low + (i + 1) * width:G4}"))],
            Shares(left),
            Shares(right));
    }

    private static Histogram Categories(CategoricalPair pair, int bars)
    {
        double n = Math.Max(1, pair.Reference.Counts.Valid), m = Math.Max(1, pair.Current.Counts.Valid);
        var order = Enumerable.Range(0, pair.Keys.Count)
            .OrderByDescending(i => pair.ReferenceCounts[i] / n + pair.CurrentCounts[i] / m).ThenBy(i => pair.Keys[i]).ToArray();
        var shown = order.Take(order.Length > bars ? bars - 1 : bars).ToArray();
        var (labels, left, right) = (
            shown.Select(i => pair.Keys[i].ToString()).ToList(),
            shown.Select(i => pair.ReferenceCounts[i] / n).ToList(),
            shown.Select(i => pair.CurrentCounts[i] / m).ToList());
        if (shown.Length < order.Length)
        {
            labels.Add($"{order.Length - shown.Length} others");
            left.Add(1 - left.Sum());
            right.Add(1 - right.Sum());
        }

        return new(labels, left, right);
    }
}
