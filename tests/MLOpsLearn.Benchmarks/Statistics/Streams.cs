using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Sketches;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>How fast streaming summaries take values and merge; one thread.</summary>
internal static class Streams
{
    private const int Parts = 1000;

    public static void Run(double[] reference, double[] current)
    {
        double[] edges = [.. NumericBins.Count(NumericPair.Create(reference, current), BinRule.ReferenceDeciles)!.Edges];
        Throughput("moments", () => Moments.Of(reference));
        Throughput("running summary", () => new RunningSummary().Add(reference));
        Throughput("fixed bins", () => new FixedHistogram(edges).Add(reference));
        Throughput("quantile sketch", () => new QuantileSketch().Add(reference));
        Throughput("distinct sketch", () =>
        {
            var sketch = new DistinctSketch();
            foreach (var value in reference)
            {
                sketch.Add(value);
            }
        });
        Merge("running summaries", static () => new RunningSummary(), static (s, v) => s.Add(v), static (a, b) => a.Merge(b));
        Merge("fixed histograms", () => new FixedHistogram(edges), static (s, v) => s.Add(v), static (a, b) => a.Merge(b));
        Merge("quantile sketches", static () => new QuantileSketch(), static (s, v) => s.Add(v), static (a, b) => a.Merge(b));
        Merge("distinct sketches", static () => new DistinctSketch(), static (s, v) => s.Add(v[0]), static (a, b) => a.Merge(b));

        void Merge<T>(string name, Func<T> create, Action<T, double[]> add, Action<T, T> merge)
        {
            var parts = Enumerable.Range(0, Parts).Select(i =>
            {
                var part = create();
                add(part, reference.AsSpan(i * (reference.Length / Parts), reference.Length / Parts).ToArray());
                return part;
            }).ToArray();
            var seconds = Speed.Best(() =>
            {
                var whole = create();
                foreach (var part in parts)
                {
                    merge(whole, part);
                }
            });
            Console.WriteLine(FormattableString.Invariant($"merge of {Parts} {name,-20}{1000 * seconds,9:0.00} ms"));
        }

        void Throughput(string name, Action work) =>
            Console.WriteLine(FormattableString.Invariant($"{name,-28}{reference.Length / Speed.Best(work) / 1e6,9:0.0} million values/s"));
    }
}
