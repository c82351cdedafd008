using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift;

/// <summary>
/// Shares of both sides over a few bars, for the eye only. Numbers: their values when they are few, else the range of the middle 98 %,
/// with what lies outside in the end bars. Categories: the most frequent, and the others together.
/// </summary>
internal sealed record Histogram(IReadOnlyList<string> Labels, IReadOnlyList<double> Reference, IReadOnlyList<double> Current)
{
    private const string Blocks = "▁▂▃▄▅▆▇█";

    /// <summary>Ends of the range for numbers in ranges; null for values and categories.</summary>
    public (double Low, double High)? Range { get; private init; }

    /// <summary>Whether the bars follow an order of their own, as numbers and hours do; categories come by frequency.</summary>
    public bool IsOrdered { get; private init; }

    public double Largest => Math.Max(Reference.DefaultIfEmpty(0).Max(), Current.DefaultIfEmpty(0).Max()) is > 0 and var largest ? largest : 1;

    /// <summary>Empty when a side has no values, or neither pair is there.</summary>
    public static Histogram Of(NumericPair? numbers, CategoricalPair? categories, int bars)
    {
        if (numbers is { Reference.Count: > 0, Current.Count: > 0 })
        {
            return numbers.Reference.Distinct <= bars && numbers.Current.Distinct <= bars && Values(numbers, bars) is { } values ? values : Ranges(numbers, bars);
        }

        return categories is { Reference.Counts.Valid: > 0, Current.Counts.Valid: > 0 } ? Categories(categories, bars) : new([], [], []);
    }

    /// <summary>One character a bar, at most <paramref name="width"/>, full height at the largest share of either side.</summary>
    public (string Reference, string Current) Sparks(int width)
    {
        var (left, right) = (Narrow(Reference, width), Narrow(Current, width));
        var largest = Math.Max(left.DefaultIfEmpty(0).Max(), right.DefaultIfEmpty(0).Max());
        return (Spark(left, largest), Spark(right, largest));
    }

    private static string Spark(IEnumerable<double> shares, double largest) => string.Concat(
        shares.Select(share => share <= 0 ? ' ' : Blocks[Math.Clamp((int)(share / largest * Blocks.Length), 0, Blocks.Length - 1)]));

    // Neighbours go together where there is an order; of categories the first, most frequent ones are shown.
    private List<double> Narrow(IReadOnlyList<double> shares, int width)
    {
        var together = IsOrdered ? (shares.Count + width - 1) / width : 1;
        return [.. shares.Chunk(Math.Max(1, together)).Take(width).Select(chunk => chunk.Sum())];
    }

    private static Histogram? Values(NumericPair pair, int bars)
    {
        var values = new SortedSet<double>();
        foreach (var sample in (NumericSample[])[pair.Reference, pair.Current])
        {
            foreach (var (key, _) in Runs(sample))
            {
                values.Add(key);
            }
        }

        return values.Count > bars ? null : new(
            [.. values.Select(value => FormattableString.Invariant($"{value:G6}"))], Shares(pair.Reference), Shares(pair.Current))
        {
            IsOrdered = true,
        };

        double[] Shares(NumericSample sample)
        {
            var counts = Runs(sample).ToDictionary();
            return [.. values.Select(value => (double)counts.GetValueOrDefault(value) / sample.Count)];
        }
    }

    private static List<KeyValuePair<double, int>> Runs(NumericSample sample)
    {
        var runs = new List<KeyValuePair<double, int>>();
        var sorted = sample.Sorted;
        var start = 0;
        for (var i = 1; i <= sorted.Length; i++)
        {
            if (i == sorted.Length || sorted[i] != sorted[start])
            {
                runs.Add(new(sorted[start], i - start));
                start = i;
            }
        }

        return runs;
    }

    private static Histogram Ranges(NumericPair pair, int bars)
    {
        var (left, right) = (pair.Reference, pair.Current);
        double low = Math.Min(left.Quantile(0.01), right.Quantile(0.01)), high = Math.Max(left.Quantile(0.99), right.Quantile(0.99));
        if (low == high)
        {
            (low, high) = (Math.Min(left.Sorted[0], right.Sorted[0]), Math.Max(left.Sorted[^1], right.Sorted[^1]));
        }

        // Halves first: the range itself may exceed the largest double.
        var width = high / bars - low / bars;
        double[] Shares(NumericSample sample)
        {
            var counts = new double[bars];
            foreach (var value in sample.Sorted)
            {
                counts[width > 0 ? (int)Math.Clamp(value / width - low / width, 0, bars - 1) : 0]++;
            }

            return Array.ConvertAll(counts, count => count / sample.Count);
        }

        return new(
            [.. Enumerable.Range(0, bars).Select(i => FormattableString.Invariant($"{low + i * width:G4} – {low + (i + 1) * width:G4}"))],
            Shares(left),
            Shares(right))
        {
            Range = (low, high),
            IsOrdered = true,
        };
    }

    private static Histogram Categories(CategoricalPair pair, int bars)
    {
        double n = pair.Reference.Counts.Valid, m = pair.Current.Counts.Valid;
        int[] order = [.. Enumerable.Range(0, pair.Keys.Count)];
        var ordered = order.Length <= bars && pair.Keys.All(key => !key.IsText);
        if (!ordered)
        {
            order = [.. order.OrderByDescending(i => pair.ReferenceCounts[i] / n + pair.CurrentCounts[i] / m).ThenBy(i => pair.Keys[i])];
        }

        var shown = order.Take(order.Length > bars ? bars - 1 : bars).ToArray();
        var (labels, left, right) = (
            shown.Select(i => pair.Keys[i].ToString()).ToList(),
            shown.Select(i => pair.ReferenceCounts[i] / n).ToList(),
            shown.Select(i => pair.CurrentCounts[i] / m).ToList());
        if (shown.Length < order.Length)
        {
            labels.Add($"{order.Length - shown.Length} others");
            left.Add(Math.Max(0, 1 - left.Sum()));
            right.Add(Math.Max(0, 1 - right.Sum()));
        }

        return new(labels, left, right) { IsOrdered = ordered };
    }
}
