using CsCheck;
using MLOpsLearn.Statistics.Detectors;
using MLOpsLearn.Statistics.Tests.Properties;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Detectors;

/// <summary>Each detector against a second one that computes everything anew from the values since it last fired.</summary>
public sealed class DetectorDefinitionTests
{
    // Levels that jump, so that detectors have something to find.
    private static readonly Gen<double[]> Streams = Gen.Select(Gen.Int[-3, 3].Array[3, 12], Gen.Double[-1, 1].Array[960], Gen.Int[20, 80]).Select(
        (levels, noise, length) => levels.SelectMany((level, i) => Enumerable.Range(0, length).Select(k => level + noise[i * length + k])).ToArray());

    private static readonly Gen<double[]> Errors = Gen.Select(Gen.Int[1, 9].Array[3, 12], Gen.Int[0, 9].Array[960], Gen.Int[40, 80]).Select(
        (rates, draws, length) => rates.SelectMany((rate, i) => Enumerable.Range(0, length).Select(k => draws[i * length + k] < rate ? 1.0 : 0)).ToArray());

    [Fact]
    public void Adwin_equals_its_definition() => Streams.Sample(x => Same(x, new Adwin(0.05, 4), since => AdwinFires(since, 0.05, 4)), iter: 40);

    [Fact]
    public void Page_Hinkley_equals_its_definition() => Streams.Sample(
        x => Same(x, new PageHinkley(30, 0.005, 20), since =>
        {
            double s = 0, mean = 0;
            for (var i = 0; i < since.Length; i++)
            {
                mean += (since[i] - mean) / (i + 1);
                s = Math.Max(0, 0.9999 * s + since[i] - mean - 0.005);
            }

            return since.Length + 1 >= 30 && s >= 20;
        }),
        iter: 60);

    [Fact]
    public void Cusum_equals_its_definition() => Streams.Sample(
        x => Same(x, new Cusum(30, 0.5, 5), since =>
        {
            if (since.Length < 30)
            {
                return false;
            }

            double mean = since[..30].Average(), sd = Math.Sqrt(NumericDefinitions.SampleVariance(since[..30])), up = 0, down = 0;
            foreach (var value in since[29..])
            {
                up = Math.Max(0, up + value - mean - 0.5 * sd);
                down = Math.Max(0, down - (value - mean) - 0.5 * sd);
            }

            return up > 5 * sd || down > 5 * sd;
        }),
        iter: 60);

    [Fact]
    public void Kswin_equals_its_definition() => Streams.Sample(
        x => Same(x, new Kswin(), since =>
        {
            if (since.Length < 100)
            {
                return false;
            }

            double[] last = since[^100..], newest = last[70..], older = [.. Enumerable.Range(0, 30).Select(j => last[(int)Math.Floor(70 * j / 30.0)])];
            var d = BruteForce.KsDistance(older, newest);
            return KsEqualSizes(30, (int)Math.Round(d * 30)) <= 0.005 && d > 0.1;
        }),
        iter: 25);

    [Fact]
    public void Ddm_equals_its_definition() => Errors.Sample(
        x => Same(x, new Ddm(), since => DdmLevel(since) is { } level && level.Now > level.Rate + 3 * level.Deviation), iter: 20);

    [Fact]
    public void Eddm_equals_its_definition() => Errors.Sample(
        x => Same(x, new Eddm(), since =>
        {
            // Fires only on an error, and only from the 31st on.
            int[] at = [.. Enumerable.Range(0, since.Length).Where(i => since[i] != 0)];
            if (at.Length <= 30 || at[^1] != since.Length - 1)
            {
                return false;
            }

            double Level(int errors)
            {
                double[] gaps = [.. Enumerable.Range(0, errors).Select(k => (double)(at[k] - (k == 0 ? -1 : at[k - 1])))];
                return gaps.Average() + 2 * (errors > 1 ? Math.Sqrt(NumericDefinitions.SampleVariance(gaps)) : 0);
            }

            var largest = Enumerable.Range(1, at.Length).Where(k => at[k - 1] + 1 > 30).Max(Level);
            return Level(at.Length) / largest < 0.9;
        }),
        iter: 12);

    [Fact]
    public void Values_that_are_not_finite_change_nothing()
    {
        IStreamDetector[] Fresh() => [new Adwin(), new PageHinkley(), new Cusum(), new Kswin(), new Ddm(), new Eddm()];
        var (clean, dirty) = (Fresh(), Fresh());
        for (var i = 0; i < 500; i++)
        {
            var value = i % 7 == 0 ? 1.0 : i > 250 ? 1 : 0;
            for (var k = 0; k < clean.Length; k++)
            {
                Assert.Equal(DetectorSignal.None, dirty[k].Update(double.NaN));
                Assert.Equal(DetectorSignal.None, dirty[k].Update(double.PositiveInfinity));
                Assert.Equal(clean[k].Update(value), dirty[k].Update(value));
            }
        }
    }

    private static bool Same(double[] values, IStreamDetector detector, Func<double[], bool> fires)
    {
        var start = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var expected = fires(values[start..(i + 1)]);
            if (expected != (detector.Update(values[i]) == DetectorSignal.Drift))
            {
                return false;
            }

            start = expected ? i + 1 : start;
        }

        return true;
    }

    private static (double Now, double Rate, double Deviation)? DdmLevel(double[] since)
    {
        (double Rate, double Deviation)? best = null;
        double now = 0;
        for (var n = 1; n <= since.Length; n++)
        {
            double p = since[..n].Average(), s = Math.Sqrt(p * (1 - p) / n);
            now = p + s;
            if (n > 30 && (best is not { } b || p + s <= b.Rate + b.Deviation))
            {
                best = (p, s);
            }
        }

        return best is { } found ? (now, found.Rate, found.Deviation) : null;
    }

    // The buckets hold the values themselves; sums and deviations are taken from them each time.
    private static bool AdwinFires(double[] since, double delta, int clock)
    {
        if (since.Length % clock != 0 || since.Length <= 10)
        {
            return false;
        }

        var rows = new List<List<double[]>> { new() };
        foreach (var value in since)
        {
            rows[0].Add([value]);
            for (var i = 0; i < rows.Count && rows[i].Count > 5; i++)
            {
                if (i + 1 == rows.Count)
                {
                    rows.Add([]);
                }

                rows[i + 1].Add([.. rows[i][0], .. rows[i][1]]);
                rows[i].RemoveRange(0, 2);
            }
        }

        double[][] buckets = [.. Enumerable.Reverse(rows).SelectMany(row => row)];
        double w = since.Length, variance = Math.Pow(NumericDefinitions.PopulationDeviation(since), 2), dp = Math.Log(2 * Math.Log(w) / delta);
        for (var cut = 1; cut < buckets.Length; cut++)
        {
            double[] old = [.. buckets[..cut].SelectMany(b => b)], fresh = [.. buckets[cut..].SelectMany(b => b)];
            if (old.Length >= 5 && fresh.Length >= 5)
            {
                var m = 1.0 / (old.Length - 4) + 1.0 / (fresh.Length - 4);
                if (Math.Abs(old.Average() - fresh.Average()) > Math.Sqrt(2 * m * variance * dp) + 2.0 / 3 * dp * m)
                {
                    return true;
                }
            }
        }

        return false;
    }

    // 2 [B(h) - B(2h) + ...] with B(j) = C(2n, n - j) / C(2n, n).
    private static double KsEqualSizes(int n, int h)
    {
        double sum = 0;
        for (var k = 1; h > 0 && k * h <= n; k++)
        {
            var share = (double)NumericDefinitions.Binomial(2 * n, n - k * h) / (double)NumericDefinitions.Binomial(2 * n, n);
            sum += k % 2 == 1 ? share : -share;
        }

        return h == 0 ? 1 : 2 * sum;
    }
}
