using CsCheck;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Sketches;
using MLOpsLearn.Statistics.Tests.Properties;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Sketches;

public sealed class SketchTests
{
    private static readonly Gen<double[][]> Parts = Gen.OneOf(Samples.Value, Gen.Const(double.NaN), Gen.Const(double.NegativeInfinity)).Array[0, 700].Array[1, 5];

    [Fact]
    public void Running_summaries_of_parts_are_that_of_the_whole() => Parts.Sample(
        parts =>
        {
            double[] whole = [.. parts.SelectMany(part => part)], finite = [.. whole.Where(double.IsFinite)];
            var (summary, merged) = (new RunningSummary(), new RunningSummary());
            summary.Add(whole);
            foreach (var part in parts)
            {
                var one = new RunningSummary();
                one.Add(part);
                one.AddNulls(2);
                merged.Merge(one);
            }

            var scale = finite.Sum(Math.Abs) + 1;
            return summary.Counts == new ValueCounts(finite.Length, 0, whole.Count(double.IsNaN), whole.Count(double.IsInfinity))
                && merged.Counts == summary.Counts with { Null = 2 * parts.Length }
                && summary.Minimum == (finite.Length == 0 ? null : finite.Min()) && merged.Maximum == (finite.Length == 0 ? null : finite.Max())
                && Math.Abs((double)finite.Sum(x => (decimal)x) - summary.Sum) <= 1e-15 * scale && Math.Abs(merged.Sum - summary.Sum) <= 1e-15 * scale
                && Samples.Close(Moments.Of(finite).M2, merged.Moments.M2) && Samples.Close(Moments.Of(finite).Mean, summary.Moments.Mean);
        },
        iter: 200);

    [Fact]
    public void Heavy_hitters_keep_their_bounds_when_merged() =>
        Gen.Select(Gen.Int[0, 40].Array[0, 400], Gen.Int[0, 40].Array[0, 400], Gen.Int[1, 20]).Sample((a, b, counters) =>
        {
            // Squared, so that some categories are frequent.
            CategoryKey Key(int i) => CategoryKey.Of((double)(i * i / 40));
            HeavyHitters left = new(counters), right = new(counters);
            Array.ForEach(a, i => left.Add(Key(i)));
            Array.ForEach(b, i => right.Add(Key(i)));
            left.Merge(right);
            var truth = a.Concat(b).GroupBy(Key).ToDictionary(group => group.Key, group => (long)group.Count());
            var held = left.Top(counters).ToDictionary(item => item.Key);
            return left.Rows == a.Length + b.Length
                && held.Values.All(item => item.Count >= truth[item.Key] && item.Count - item.Error <= truth[item.Key])
                && left.LargestError <= left.Rows / (double)counters
                && truth.Where(pair => pair.Value > 2.0 * left.Rows / counters).All(pair => held.ContainsKey(pair.Key))
                && (truth.Count > counters || truth.All(pair => held[pair.Key].Count == pair.Value));
        }, iter: 1000);

    [Fact]
    public void Score_histogram_knows_the_area_within_half_the_tied_mass() =>
        Gen.Select(Gen.Int[0, 1].Array[2, 80], Gen.Double[0, 1].Array[80], Gen.Int[1, 30]).Sample((truth, scores, bins) =>
        {
            double[] score = scores[..truth.Length];
            ScoreHistogram first = new(bins), second = new(bins);
            for (var i = 0; i < truth.Length; i++)
            {
                (i % 2 == 0 ? first : second).Add(score[i], truth[i] == 1);
            }

            first.Merge(second);
            first.Add(double.NaN, true);
            var exact = new BinaryQuality(truth, score).RocAuc;
            var threshold = bins / 2;
            var confusion = new BinaryQuality(truth, [.. score.Select(s => s * bins >= threshold ? 1.0 : 0)]).Confusion;
            return first.Outside == 1 && first.RocAuc is null == exact is null
                && (exact is null || Math.Abs(first.RocAuc!.Value - exact.Value) <= first.AucError + 1e-12)
                && first.Confusion(threshold)[1, 1] == confusion[1, 1] && first.Confusion(threshold)[0, 1] == confusion[0, 1];
        });

    [Fact]
    public void Quantile_sketch_read_back_goes_on_as_if_never_written() =>
        Gen.Select(Samples.Value.Array[0, 3000], Samples.Value.Array[0, 500]).Sample((before, after) =>
        {
            var sketch = new QuantileSketch(20, 7);
            sketch.Add(before);
            var copy = QuantileSketch.FromBytes(sketch.ToBytes());
            sketch.Add(after);
            copy.Add(after);
            return sketch.ToBytes().AsSpan().SequenceEqual(copy.ToBytes());
        }, iter: 50);

    [Fact]
    public void Broken_sketches_are_refused() => Gen.Select(Gen.Int[0, 1200], Gen.Byte, Gen.Int[0, 60]).Sample((at, value, cut) =>
    {
        var sketch = new QuantileSketch(10);
        sketch.Add(Enumerable.Range(0, 400).Select(i => (double)i).ToArray());
        var bytes = sketch.ToBytes();
        bytes[at % bytes.Length] = value;
        try
        {
            var read = QuantileSketch.FromBytes(bytes.AsSpan(0, bytes.Length - cut));
            return read.Quantile(0.5) is >= 0 and <= double.MaxValue && cut == 0;
        }
        catch (FormatException)
        {
            return true;
        }
    }, iter: 3000);

    [Fact]
    public void Distinct_sketch_survives_writing_and_refuses_what_is_none()
    {
        var sketch = new DistinctSketch();
        for (var i = 0; i < 5000; i++)
        {
            sketch.Add((double)i);
        }

        Assert.Equal(sketch.Estimate(), DistinctSketch.FromBytes(sketch.ToBytes()).Estimate());
        var broken = sketch.ToBytes();
        broken[100] = 200;
        Assert.Throws<FormatException>(() => DistinctSketch.FromBytes(broken));
        Assert.Throws<FormatException>(() => DistinctSketch.FromBytes(broken.AsSpan(0, 50)));
    }

    [Fact]
    public void Distance_of_sketches_encloses_that_of_the_data()
    {
        var random = new Random(4);
        for (var run = 0; run < 30; run++)
        {
            double[] r = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextDouble())], c = [.. r.Select(x => Math.Pow(random.NextDouble(), 1 + run / 30.0))];
            QuantileSketch left = new(seed: (ulong)run), right = new(seed: 77);
            left.Add(r);
            right.Add(c);
            var exact = KolmogorovSmirnov.TestAsymptotic(NumericPair.Create(r, c)).Statistic!.Value;
            var distance = SketchDistance.Between(left, right)!;
            Assert.InRange(exact, distance.Lower, distance.Upper);
        }

        QuantileSketch few = new(), other = new();
        few.Add([1, 2, 3]);
        other.Add([2, 3, 5]);
        var whole = SketchDistance.Between(few, other)!;
        Assert.Equal(1.0 / 3, whole.Lower, 12);
        Assert.Equal(whole.Lower, whole.Upper);
        Assert.Equal(4.0 / 3, whole.Wasserstein, 12);
        Assert.Null(SketchDistance.Between(few, new()));
    }

    [Fact]
    public void Reservoir_holds_each_value_alike()
    {
        var hits = new int[50];
        for (ulong seed = 0; seed < 4000; seed++)
        {
            var reservoir = new Reservoir<int>(5, seed);
            for (var i = 0; i < 50; i++)
            {
                reservoir.Add(i);
            }

            foreach (var item in reservoir.Items)
            {
                hits[item]++;
            }
        }

        // 400 expected, standard deviation 19.
        Assert.All(hits, count => Assert.InRange(count, 400 - 90, 400 + 90));
    }

    [Fact]
    public void Fixed_histograms_give_the_distances_of_their_rows() =>
        Gen.Select(Samples.Value.Array[10, 200], Samples.Value.Array[10, 200]).Sample((r, c) =>
        {
            var pair = NumericPair.Create(r, c);
            double[] borders = [.. NumericBins.Count(pair, BinRule.ReferenceDeciles)!.Edges];
            FixedHistogram left = new(borders), right = new(borders);
            left.Add(r);
            right.Add(c);
            return Samples.Close(BinnedDistance.Psi(pair).Statistic!.Value, FixedHistogram.Psi(left, right).Statistic!.Value)
                && Samples.Close(BinnedDistance.KullbackLeibler(pair).Statistic!.Value, FixedHistogram.KullbackLeibler(left, right).Statistic!.Value)
                && Samples.Close(BinnedDistance.JensenShannon(pair).Statistic!.Value, FixedHistogram.JensenShannon(left, right).Statistic!.Value)
                && Samples.Close(BinnedDistance.Hellinger(pair).Statistic!.Value, FixedHistogram.Hellinger(left, right).Statistic!.Value);
        });
}
