using CsCheck;
using MLOpsLearn.Statistics.Quality;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Properties;

public sealed class QualityDefinitionTests
{
    private static readonly Gen<(int[] Truth, double[] Score)> Binary =
        Gen.Select(Gen.Int[0, 1].Array[1, 60], Gen.OneOf(Gen.Int[0, 10].Select(i => i / 10.0), Gen.Double[0, 1]).Array[60]).Select((y, s) => (y, s[..y.Length]));

    private static readonly Gen<(double[] Truth, double[] Prediction)> Regression =
        Gen.Select(Gen.OneOf(Gen.Double[-50, 50], Gen.Int[-2, 2].Select(i => (double)i)).Array[2, 60], Gen.Double[-50, 50].Array[60])
            .Select((y, e) => (y, e[..y.Length]));

    [Fact]
    public void Regression_measures_equal_their_definitions() => Regression.Sample((y, p) =>
    {
        double[] e = [.. p.Zip(y, (a, b) => a - b)], abs = [.. e.Select(Math.Abs)];
        double n = y.Length, sse = e.Sum(x => x * x), mean = y.Average(), sst = y.Sum(x => (x - mean) * (x - mean)), bias = e.Average();
        var details = new RegressionDetails(y, p);
        var summary = details.Summary;
        var nonZero = y.Zip(p).Where(row => row.First != 0).ToArray();
        return Is(abs.Average(), summary.Mae) && Is(sse / n, summary.Mse) && Is(Math.Sqrt(sse / n), summary.Rmse) && Is(bias, summary.Bias)
            && Is(sst == 0 ? (sse == 0 ? 1 : 0) : 1 - sse / sst, summary.R2)
            && Is(sst == 0 ? null : 1 - e.Sum(x => (x - bias) * (x - bias)) / sst, sst == 0 ? null : details.ExplainedVariance)
            && Is(y.All(x => x == 0) ? null : abs.Sum() / y.Sum(Math.Abs), summary.Wape)
            && Is(nonZero.Length == 0 ? null : nonZero.Average(row => Math.Abs(row.Second - row.First) / Math.Abs(row.First)), details.MapeSkippingZero)
            && details.ZeroTruths == y.Count(x => x == 0)
            && Is(y.Zip(p, (a, b) => a == 0 && b == 0 ? 0 : 2 * Math.Abs(a - b) / (Math.Abs(a) + Math.Abs(b))).Average(), details.Smape)
            && Is(y.Zip(p, (a, b) => Math.Abs(b - a) / Math.Max(Math.Abs(a), 2.220446049250313e-16)).Average(), details.MapeEpsilon)
            && Is(y.Concat(p).Any(x => x < 0) ? null : Math.Sqrt(y.Zip(p, (a, b) => Math.Pow(Math.Log(1 + b) - Math.Log(1 + a), 2)).Average()), details.Rmsle)
            && Is(y.Zip(p, (a, b) => Math.Max(0.9 * (a - b), -0.1 * (a - b))).Average(), details.Pinball(0.9))
            && Is(BruteForce.Quantile7(abs, 0.9), details.AbsoluteErrorQuantile(0.9)) && Is(BruteForce.Quantile7(e, 0.05), details.ErrorQuantile(0.05))
            && Is(Pearson(y, p), details.Pearson) && Is(Pearson(Ranks(y), Ranks(p)), details.Spearman)
            && Is(Error(abs), summary.MaeStandardError) && Is(Error(e), summary.BiasStandardError, 1e-8)
            && Is(Error([.. e.Select(x => x * x)]), summary.MseStandardError, 1e-7)
            && Is(sse == 0 ? 0 : Error([.. e.Select(x => x * x)]) / (2 * Math.Sqrt(sse / n)), summary.RmseStandardError, 1e-7);
    });

    [Fact]
    public void Binary_measures_equal_their_definitions() => Binary.Sample((truth, score) =>
    {
        const double eps = 2.220446049250313e-16;
        var quality = new BinaryQuality(truth, score, 0.4);
        int[] hat = [.. score.Select(s => s >= 0.4 ? 1 : 0)];
        double n = truth.Length, tp = Count(1, 1), fp = Count(0, 1), fn = Count(1, 0), tn = Count(0, 0);
        double Count(int y, int h) => truth.Zip(hat).Count(row => row == (y, h));
        double Ratio(double a, double b) => b == 0 ? 0 : a / b;
        double positives = tp + fn, negatives = fp + tn;
        double[] up = [.. score.Where((_, i) => truth[i] == 1)], down = [.. score.Where((_, i) => truth[i] == 0)];
        double? auc = positives * negatives == 0 ? null : BruteForce.U(up, down) / (positives * negatives);
        double denominator = Math.Sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
        var chance = (positives * (tp + fp) + negatives * (tn + fn)) / (n * n);
        var c = quality.Confusion;
        return c[1, 1] == tp && c[0, 1] == fp && c[1, 0] == fn && c[0, 0] == tn
            && Is((tp + tn) / n, c.Accuracy) && Is(Ratio(tp, tp + fp), c.Precision(1)) && Is(Ratio(tp, tp + fn), c.Recall(1))
            && Is(Ratio(2 * tp, 2 * tp + fp + fn), c.F1(1)) && Is(negatives == 0 ? null : tn / negatives, c.Specificity(1))
            && Is(denominator == 0 ? 0 : (tp * tn - fp * fn) / denominator, c.Mcc)
            && Is(chance == 1 ? null : ((tp + tn) / n - chance) / (1 - chance), c.Kappa)
            && Is(positives * negatives == 0 ? null : (tp / positives + tn / negatives) / 2, c.BalancedAccuracy)
            && c.HasZeroDivision == (tp + fp == 0 || tn + fn == 0 || positives == 0 || negatives == 0)
            && Is(auc, quality.RocAuc) && Is(2 * auc - 1, quality.Gini) && Is(positives / n, quality.BaseRate)
            && Is(score.Zip(truth, (s, y) => (s - y) * (s - y)).Average(), quality.Brier)
            && Is(AveragePrecision(truth, score), quality.AveragePrecision)
            && Is(positives * negatives == 0 ? null : BruteForce.KsDistance(up, down), quality.KsSeparation)
            && Is(Ece(truth, score), quality.CalibrationErrorEqualWidth) && Is(EceByCount(truth, score), quality.CalibrationErrorEqualCount)
            && Is(
                truth.Zip(score, (y, s) =>
                {
                    double p = Math.Clamp(s, eps, 1 - eps), q = Math.Clamp(1 - p, eps, 1 - eps);
                    return -Math.Log((y == 1 ? p : q) / (p + q));
                }).Average(),
                quality.LogLoss);
    });

    [Fact]
    public void Multiclass_measures_equal_their_definitions() =>
        Gen.Select(Gen.Int[0, 2].Array[1, 40], Gen.Int[0, 5].Array[120]).Sample((truth, ranks) =>
        {
            double[][] scores = [.. truth.Select((_, i) => ranks[(3 * i)..(3 * i + 3)].Select(r => r / 5.0).ToArray())];
            int[] hat = [.. scores.Select(row => row.ToList().IndexOf(row.Max()))];
            var quality = new MulticlassQuality(truth, scores, 3);
            var confusion = quality.Confusion;
            double Support(int k) => truth.Count(y => y == k);
            double F1(int k)
            {
                double hits = truth.Zip(hat).Count(row => row == (k, k)), either = Support(k) + hat.Count(h => h == k);
                return either == 0 ? 0 : 2 * hits / either;
            }

            double Auc(int[] rows, int k)
            {
                double[] mine = [.. rows.Where(i => truth[i] == k).Select(i => scores[i][k])], others = [.. rows.Where(i => truth[i] != k).Select(i => scores[i][k])];
                return BruteForce.U(mine, others) / ((double)mine.Length * others.Length);
            }

            int[] all = [.. Enumerable.Range(0, truth.Length)];
            var present = truth.Distinct().Count() == 3;
            var top = all.Count(i => scores[i].Select((s, k) => (s, k)).OrderBy(x => x.s).Select(x => x.k).Reverse().Take(2).Contains(truth[i]));
            return Is(Enumerable.Range(0, 3).Average(F1), confusion.Macro(confusion.F1))
                && Is(Enumerable.Range(0, 3).Sum(k => F1(k) * Support(k)) / truth.Length, confusion.Weighted(confusion.F1))
                && Is(present ? Enumerable.Range(0, 3).Average(k => Auc(all, k)) : null, quality.RocAucOneVersusRest)
                && Is(present ? Enumerable.Range(0, 3).Sum(k => Auc(all, k) * Support(k)) / truth.Length : null, quality.RocAucOneVersusRestWeighted)
                && Is(
                    present
                        ? (from a in Enumerable.Range(0, 3) from b in Enumerable.Range(0, 3) where a != b select Auc([.. all.Where(i => truth[i] == a || truth[i] == b)], a)).Average()
                        : null,
                    quality.RocAucOneVersusOne)
                && Is((double)top / truth.Length, quality.TopAccuracy(2))
                && Is(all.Average(i => Enumerable.Range(0, 3).Sum(k => Math.Pow(scores[i][k] - (truth[i] == k ? 1 : 0), 2))), quality.BrierSum)
                && Is(Ece([.. truth.Zip(hat, (y, h) => y == h ? 1 : 0)], [.. scores.Select(row => row.Max())]), quality.TopLabelCalibrationError);
        });

    [Fact]
    public void Wilson_interval_holds_the_shares_that_are_z_deviations_away() => Gen.Select(Gen.Int[30, 500], Gen.Double[0, 1]).Sample((n, share) =>
    {
        // Its ends solve (k/n - p)^2 = z^2 p (1 - p) / n.
        var k = Math.Round(n * share);
        var interval = Interval.Wilson(k, n, n);
        bool Solves(double p) => p is 0 or 1 || Samples.Close(1.959963984540054, Math.Abs(k / n - p) / Math.Sqrt(p * (1 - p) / n), 1e-6);
        return interval.Lower <= k / n + 1e-12 && interval.Upper >= k / n - 1e-12 && Solves(interval.Lower!.Value) && Solves(interval.Upper!.Value);
    });

    [Fact]
    public void Intervals_of_areas_cover_the_true_area_as_often_as_they_say()
    {
        // Scores of exponential laws with rates 1 and 2 have the area 2/3.
        var random = new Random(3);
        int hanley = 0, bootstrap = 0;
        const int runs = 200;
        for (var run = 0; run < runs; run++)
        {
            int[] truth = [.. Enumerable.Range(0, 100).Select(i => i % 2)];
            double[] score = [.. truth.Select(y => -Math.Log(1 - random.NextDouble()) * (y == 1 ? 2 : 1))];
            var quality = new BinaryQuality(truth, score);
            hanley += quality.RocAucInterval() is { Lower: <= 2.0 / 3, Upper: >= 2.0 / 3 } ? 1 : 0;
            bootstrap += quality.RocAucBootstrap(resamples: 200, seed: (ulong)run) is { Lower: <= 2.0 / 3, Upper: >= 2.0 / 3 } ? 1 : 0;
        }

        Assert.InRange(hanley / (double)runs, 0.89, 1);
        Assert.InRange(bootstrap / (double)runs, 0.87, 1);
    }

    [Fact]
    public void Too_few_rows_have_no_interval()
    {
        Assert.Equal(UndefinedReason.TooFew, Interval.Wilson(10, 29, 29).Undefined);
        Assert.Equal(UndefinedReason.TooFew, Interval.HanleyMcNeil(0.7, 9, 100).Undefined);
        Assert.Null(Interval.HanleyMcNeil(0.7, 10, 20).Undefined);
    }

    private static bool Is(double? expected, double? actual, double tolerance = 1e-9) =>
        expected is null == actual is null && (expected is null || Samples.Close(expected.Value, actual!.Value, tolerance));

    private static double Error(double[] x) => Math.Sqrt(NumericDefinitions.SampleVariance(x) / x.Length);

    private static double[] Ranks(double[] x) => [.. x.Select(v => BruteForce.Midrank(x, v))];

    private static double? Pearson(double[] x, double[] y)
    {
        double a = x.Average(), b = y.Average(), xx = x.Sum(v => (v - a) * (v - a)), yy = y.Sum(v => (v - b) * (v - b));
        return xx == 0 || yy == 0 ? null : x.Zip(y, (u, v) => (u - a) * (v - b)).Sum() / Math.Sqrt(xx * yy);
    }

    private static double? AveragePrecision(int[] truth, double[] score)
    {
        double positives = truth.Sum(), before = 0, sum = 0;
        foreach (var t in score.Distinct().OrderDescending())
        {
            double taken = score.Count(s => s >= t), hits = score.Where((s, i) => s >= t && truth[i] == 1).Count();
            sum += (hits - before) / positives * (hits / taken);
            before = hits;
        }

        return positives == 0 ? null : sum;
    }

    private static double Ece(int[] truth, double[] p) => Enumerable.Range(0, 10).Sum(bin =>
    {
        int[] rows = [.. Enumerable.Range(0, p.Length).Where(i => Math.Min(9, (int)Math.Floor(10 * p[i])) == bin)];
        return rows.Length == 0 ? 0 : (double)rows.Length / p.Length * Math.Abs(rows.Average(i => p[i]) - rows.Average(i => (double)truth[i]));
    });

    private static double? EceByCount(int[] truth, double[] p)
    {
        int[] order = [.. Enumerable.Range(0, p.Length).OrderBy(i => p[i])];
        var size = p.Length / 10;
        return size == 0 ? null : Enumerable.Range(0, 10).Sum(bin =>
        {
            int[] rows = order[(bin * size)..(bin == 9 ? p.Length : (bin + 1) * size)];
            return (double)rows.Length / p.Length * Math.Abs(rows.Average(i => p[i]) - rows.Average(i => (double)truth[i]));
        });
    }
}
