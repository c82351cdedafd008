using CsCheck;
using MLOpsLearn.Statistics.Estimation;
using MLOpsLearn.Statistics.Verdicts;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Properties;

public sealed class EstimationDefinitionTests
{
    [Fact]
    public void Expected_quality_equals_its_definition() => Gen.Select(Gen.Int[0, 8].Array[1, 40], Gen.Double[0.01, 0.99].Array[40]).Sample((ranks, c) =>
    {
        double[] score = [.. ranks.Select(r => r / 8.0)], p = c[..score.Length];
        int[] hat = [.. score.Select(s => s >= 0.5 ? 1 : 0)];
        var estimate = BinaryEstimate.Estimate(score, p, hat);
        double n = p.Length, tp = Sum(1, x => x), fp = Sum(1, x => 1 - x), fn = Sum(0, x => x), tn = Sum(0, x => 1 - x);
        double Sum(int h, Func<double, double> of) => p.Where((_, i) => hat[i] == h).Sum(of);
        double pairs = 0, average = 0;
        for (var i = 0; i < p.Length; i++)
        {
            for (var j = 0; j < p.Length; j++)
            {
                pairs += p[i] * (1 - p[j]) * (score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0);
            }

            // Each positive's precision is that of all rows with at least its score.
            average += p[i] * p.Where((_, j) => score[j] >= score[i]).Sum() / score.Count(s => s >= score[i]);
        }

        double Ratio(double a, double b) => b == 0 ? 0 : a / b;
        var e = estimate.Expected;
        return Samples.Close((tp + tn) / n, e.Accuracy!.Value) && Samples.Close(Ratio(tp, tp + fp), e.Precision(1))
            && Samples.Close(Ratio(tp, tp + fn), e.Recall(1)) && Samples.Close(Ratio(tp, tp + (fp + fn) / 2), e.F1(1))
            && Samples.Close(pairs / ((tp + fn) * (fp + tn)), estimate.RocAuc!.Value) && Samples.Close(average / (tp + fn), estimate.AveragePrecision!.Value);
    });

    [Fact]
    public void Multiclass_estimate_is_one_versus_rest_of_normalised_rows() =>
        Gen.Select(Gen.Int[0, 2].Array[6, 30], Gen.Int[0, 6].Array[90]).Where((y, _) => y.Distinct().Count() == 3).Sample((truth, ranks) =>
        {
            double[][] scores = [.. truth.Select((_, i) => ranks[(3 * i)..(3 * i + 3)].Select(r => r / 6.0).ToArray())];
            int[] hat = [.. scores.Select(row => Array.IndexOf(row, row.Max()))];
            var fits = Enumerable.Range(0, 3).Select(k => IsotonicCalibration.Fit(
                [.. scores.Select(row => row[k])], [.. truth.Select(y => y == k ? 1.0 : 0)])).ToArray();
            double[][] calibrated = [.. scores.Select(row =>
            {
                double[] raw = [.. row.Select((s, k) => fits[k].Predict(s))];
                return raw.Sum() == 0 ? [1.0 / 3, 1.0 / 3, 1.0 / 3] : raw.Select(x => x / raw.Sum()).ToArray();
            })];
            var estimate = MulticlassEstimate.Estimate(MulticlassEstimate.Calibrate(truth, scores, 3), scores, hat);
            return Samples.Close(calibrated.Select((row, i) => row[hat[i]]).Average(), estimate.Expected.Accuracy!.Value)
                && Enumerable.Range(0, 3).All(k => Samples.Close(calibrated.Where((_, i) => hat[i] == k).Sum(row => row[k]), estimate.Classes[k].Expected[1, 1]));
        });

    [Fact]
    public void Linear_loss_solves_the_normal_equations() =>
        Gen.Select(Gen.Double[-3, 3].Array[60], Gen.Double[0, 5].Array[20]).Sample((x, loss) =>
        {
            double[][] rows = [.. Enumerable.Range(0, 20).Select(i => x[(3 * i)..(3 * i + 3)])];
            var s = new double[4, 5];
            for (var i = 0; i < 20; i++)
            {
                double[] design = [1, .. rows[i]];
                for (var a = 0; a < 4; a++)
                {
                    s[a, 4] += design[a] * loss[i];
                    for (var b = 0; b < 4; b++)
                    {
                        s[a, b] += design[a] * design[b];
                    }
                }
            }

            var expected = NumericDefinitions.Solve(s);
            var fit = LinearLossEstimator.Fit(rows, loss);
            double[] outputs = [.. rows.Select(row => Math.Max(0, expected[0] + row.Select((v, k) => expected[k + 1] * v).Sum()))];
            return fit.Coefficients.Zip(expected).All(pair => Samples.Close(pair.Second, pair.First, 1e-7))
                && Samples.Close(outputs.Average(), fit.MeanLoss(rows)!.Value, 1e-7)
                && fit.ShareOutside([[99, 0, 0], rows[0]]) == 0.5;
        });

    [Fact]
    public void Reconstruction_error_is_what_lies_outside_the_main_axes() => Gen.Double[-3, 3].Array[120].Sample(x =>
    {
        // Components found one by one as the direction of most variance, by power iteration with deflation.
        double[][] rows = [.. Enumerable.Range(0, 40).Select(i => new[] { x[i], x[i] + x[40 + i] / 2, x[80 + i] })];
        double[] mean = [.. Enumerable.Range(0, 3).Select(j => rows.Average(row => row[j]))];
        double[] deviation = [.. Enumerable.Range(0, 3).Select(j => Math.Sqrt(rows.Average(row => Math.Pow(row[j] - mean[j], 2))))];
        double[][] rest = [.. rows.Select(row => row.Select((v, j) => (v - mean[j]) / deviation[j]).ToArray())];
        double explained = 0;
        var components = 0;
        while (components == 0 || explained / 3 <= 0.65)
        {
            double[] axis = [0.6, 0.53, 0.599];
            for (var round = 0; round < 3000; round++)
            {
                double[] next = [.. Enumerable.Range(0, 3).Select(j => rest.Sum(row => row[j] * Dot(row, axis)))];
                axis = [.. next.Select(v => v / Math.Sqrt(Dot(next, next)))];
            }

            explained += rest.Average(row => Dot(row, axis) * Dot(row, axis));
            rest = [.. rest.Select(row => row.Select((v, j) => v - Dot(row, axis) * axis[j]).ToArray())];
            components++;
        }

        var pca = PcaReconstruction.Fit(rows);
        return pca.Components == components && rows.Select((row, i) => (Row: row, I: i)).All(item =>
            Samples.Close(Math.Sqrt(Dot(rest[item.I], rest[item.I])), pca.Error(item.Row), 1e-5));
    }, iter: 10);

    [Fact]
    public void Calibration_is_chosen_only_when_it_helps()
    {
        var random = new Random(5);
        double[] p = [.. Enumerable.Range(0, 4000).Select(_ => random.NextDouble())];
        double[] outcomes = [.. p.Select(x => random.NextDouble() < x ? 1.0 : 0)], bold = [.. p.Select(x => x < 0.5 ? x / 3 : 1 - (1 - x) / 3)];
        Assert.Equal("calibration=isotonic", CalibrationChoice.Between(bold, outcomes).Identity);
        var needless = CalibrationChoice.Between([.. Enumerable.Repeat(0.5, 4000)], [.. Enumerable.Range(0, 4000).Select(i => (double)(i % 2))]);
        Assert.Equal("calibration=none", needless.Identity);
        Assert.Equal(bold, CalibrationChoice.Between([], []).Apply(bold));
    }

    [Fact]
    public void Sampling_error_is_the_spread_of_the_metric_over_chunks()
    {
        var random = new Random(9);
        const int chunk = 200, chunks = 400;
        double[] score = [.. Enumerable.Range(0, chunk * chunks).Select(_ => random.NextDouble())];
        int[] truth = [.. score.Select(s => random.NextDouble() < s ? 1 : 0)], hat = [.. score.Select(s => s >= 0.5 ? 1 : 0)];
        var error = SamplingError.Of(truth, hat, score);
        var (accuracies, precisions, recalls) = (new List<double>(), new List<double>(), new List<double>());
        for (var k = 0; k < chunks; k++)
        {
            var quality = new Quality.BinaryQuality(truth.AsSpan(k * chunk, chunk), score.AsSpan(k * chunk, chunk)).Confusion;
            accuracies.Add(quality.Accuracy!.Value);
            precisions.Add(quality.Precision(1));
            recalls.Add(quality.Recall(1));
        }

        Assert.InRange(NumericDefinitions.PopulationDeviation([.. accuracies]) / error.OfAccuracy(chunk)!.Value, 0.85, 1.15);
        Assert.InRange(NumericDefinitions.PopulationDeviation([.. precisions]) / error.OfPrecision(chunk)!.Value, 0.85, 1.15);
        Assert.InRange(NumericDefinitions.PopulationDeviation([.. recalls]) / error.OfRecall(chunk)!.Value, 0.85, 1.15);
        Assert.True(error.OfRocAuc(chunk) > 0);
        var test = BackTest.Of(accuracies.Select(a => ((double?)0.75, SamplingError.Band(0.75, error.OfAccuracy(chunk)), (double?)a)));
        Assert.Equal(chunks, test.Chunks);
        Assert.True(test.Coverage > 0.97, $"{test.Coverage}");
    }

    [Fact]
    public void Rows_are_encoded_by_the_reference()
    {
        var encoder = RowEncoder.Fit([FeatureColumn.Numeric([1, double.NaN, 3]), FeatureColumn.Categorical(["a", "a", "b"])]);
        var rows = encoder.Encode([FeatureColumn.Numeric([double.NaN, 7]), FeatureColumn.Categorical([null, "new"])]);
        Assert.Equal([2, 2.0 / 3], rows[0]);
        Assert.Equal([7, 0], rows[1]);
    }

    [Fact]
    public void Boosted_losses_follow_what_a_line_cannot()
    {
        var random = new Random(2);
        double[][] rows = [.. Enumerable.Range(0, 4000).Select(_ => new[] { random.NextDouble() * 2 - 1, random.NextDouble() })];
        double[] losses = [.. rows.Select(row => Math.Abs(row[0]))];
        double[][] inner = [.. rows.Where(row => Math.Abs(row[0]) < 0.2)];
        Assert.InRange(LinearLossEstimator.Fit(rows, losses).MeanLoss(inner)!.Value, 0.4, 0.6);
        Assert.InRange(BoostedLossEstimator.Fit(rows, losses).MeanLoss(inner)!.Value, 0.08, 0.13);
    }

    [Fact]
    public void Domain_classifier_finds_what_no_column_shows_and_stays_quiet_otherwise()
    {
        double[][] Draw(Random random, int count, double sign) => [.. Enumerable.Range(0, count).Select(_ =>
        {
            var (a, b) = (random.NextDouble() - 0.5, random.NextDouble() - 0.5);
            return new[] { a, sign * a + b / 4, random.NextDouble() };
        })];
        var moved = DomainClassifier.Test(Draw(new(1), 1500, 1), Draw(new(2), 1000, -1));
        Assert.True(moved.Drifted);
        Assert.InRange(moved.Statistic.Statistic!.Value, 0.8, 1);
        var alarms = Enumerable.Range(0, 20).Count(i => DomainClassifier.Test(Draw(new(10 + i), 400, 1), Draw(new(50 + i), 300, 1)).Drifted == true);
        Assert.True(alarms <= 2, $"{alarms} of 20");
        Assert.Equal(UndefinedReason.TooFew, DomainClassifier.Test(Draw(new(1), 9, 1), Draw(new(2), 50, 1)).Statistic.Undefined);
        Assert.Equal(moved.Statistic, DomainClassifier.Test(Draw(new(1), 1500, 1), Draw(new(2), 1000, -1)).Statistic);
    }

    [Fact]
    public void Reference_limits_equal_their_definition() => Gen.Double[0, 1].Array[2, 40].Sample(v =>
    {
        double mean = v.Average(), population = NumericDefinitions.PopulationDeviation(v), sample = Math.Sqrt(NumericDefinitions.SampleVariance(v));
        var plain = ReferenceLimits.Population(v, 3, 0, 1)!;
        var student = ReferenceLimits.Student(v)!;
        var factor = student.Factor / Math.Sqrt(1 + 1.0 / v.Length);
        return Samples.Close(Math.Max(0, mean - 3 * population), plain.Lower) && Samples.Close(Math.Min(1, mean + 3 * population), plain.Upper)
            && Samples.Close(mean + student.Factor * sample, student.Upper)
            && Math.Abs(NumericDefinitions.StudentP(factor, v.Length - 1) - 2 * NumericDefinitions.NormalTail(3)) < 1e-6;
    }, iter: 40);

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
