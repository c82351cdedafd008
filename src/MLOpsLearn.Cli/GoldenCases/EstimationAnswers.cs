using System.Text.Json.Nodes;
using MLOpsLearn.Statistics.Estimation;
using MLOpsLearn.Statistics.Quality;
using MLOpsLearn.Statistics.Verdicts;
using MLOpsLearn.Statistics.Windows;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Estimates without labels.</summary>
internal static class EstimationAnswers
{
    // What labels would have shown; an estimator never sees them, so the answer is null.
    private const string Realized = "realized(labels of current, not given to the estimator)";

    public static JsonObject CbpeBinary(JsonObject @case)
    {
        var (reference, current) = (@case.Field("reference"), @case.Field("current"));
        var truth = CaseJson.Integers(reference.Field("y_true"));
        var (referenceScores, scores) = (CaseJson.Doubles(reference.Field("y_score")), CaseJson.Doubles(current.Field("y_score")));
        var (referencePredicted, predicted) = (CaseJson.Integers(reference.Field("y_pred")), CaseJson.Integers(current.Field("y_pred")));
        var isotonic = IsotonicCalibration.Fit(referenceScores, [.. truth.Select(y => (double)y)]);
        var calibrated = isotonic.Predict(scores);
        var size = @case.Field("chunk_size").GetValue<int>();
        var chunks = CaseJson.Array(Ranges(scores.Length, size), r => Binary(BinaryEstimate.Estimate(scores[r], calibrated[r], predicted[r])));

        var (auc, f1, accuracy) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var range in Ranges(truth.Length, size))
        {
            var confusion = ConfusionMatrix.Count(truth[range], referencePredicted[range], 2);
            auc.Add(new BinaryQuality(truth[range], referenceScores[range]).RocAuc ?? double.NaN);
            f1.Add(confusion.F1(1));
            accuracy.Add(confusion.Accuracy!.Value);
        }

        return new()
        {
            ["cbpe(calibration=isotonic)"] = new JsonObject
            {
                ["overall"] = Binary(BinaryEstimate.Estimate(scores, calibrated, predicted)),
                ["chunks"] = chunks,
                ["calibrated_first_20"] = CaseJson.Array(calibrated.Take(20), p => CaseJson.Number(p)),
            },
            ["cbpe(calibration=none)"] = new JsonObject { ["overall"] = Binary(BinaryEstimate.Estimate(scores, scores, predicted)) },
            ["thresholds(reference-chunks,mean±3std_pop,clamped)"] = new JsonObject
            {
                ["roc_auc"] = Limits(auc),
                ["f1"] = Limits(f1),
                ["accuracy"] = Limits(accuracy),
            },
            [Realized] = null,
            ["isotonic"] = new JsonObject
            {
                ["x"] = CaseJson.Array(isotonic.KnotScores, x => CaseJson.Number(x)),
                ["y"] = CaseJson.Array(isotonic.KnotValues, y => CaseJson.Number(y)),
            },
        };
    }

    public static JsonObject CbpeMulticlass(JsonObject @case)
    {
        var (reference, current) = (@case.Field("reference"), @case.Field("current"));
        var labels = CaseJson.Strings(reference.Field("labels"));
        int[] Codes(JsonNode names) => [.. CaseJson.Strings(names).Select(name => Array.IndexOf(labels, name))];
        double[][] Scores(JsonNode rows) => [.. rows.Elements().Select(CaseJson.Doubles)];
        var calibrations = MulticlassEstimate.Calibrate(Codes(reference.Field("y_true")), Scores(reference.Field("y_score")), labels.Length);
        var estimate = MulticlassEstimate.Estimate(calibrations, Scores(current.Field("y_score")), Codes(current.Field("y_pred")));
        var (perClass, macro) = (new JsonObject(), new JsonObject());
        var names = new[] { "precision", "recall", "specificity", "f1", "roc_auc(ties=grouped)" };
        foreach (var (label, i) in labels.Select((label, i) => (label, i)))
        {
            perClass[label] = Binary(estimate.Classes[i]);
        }

        foreach (var name in names)
        {
            macro[name] = labels.Average(label => perClass[label]![name]!.GetValue<double>());
        }

        return new()
        {
            ["cbpe(calibration=isotonic-per-class,normalised)"] = new JsonObject
            {
                ["accuracy"] = CaseJson.Number(estimate.Expected.Accuracy),
                ["per_class"] = perClass,
                ["macro"] = macro,
                ["expected_confusion(rows=true,cols=pred)"] = CaseJson.Array(Enumerable.Range(0, labels.Length), i =>
                    CaseJson.Array(Enumerable.Range(0, labels.Length), j => CaseJson.Number(estimate.Expected[i, j]))),
                ["calibrated_first_10"] = CaseJson.Array(estimate.Calibrated.Take(10), row => CaseJson.Array(row, p => CaseJson.Number(p))),
            },
            [Realized] = null,
        };
    }

    public static JsonObject Dle(JsonObject @case)
    {
        var (reference, current) = (@case.Field("reference"), @case.Field("current"));
        double[][] Features(JsonNode side) => [.. side.Field("features").Elements().Select(CaseJson.Doubles)];
        var errors = CaseJson.Doubles(reference.Field("y_pred")).Zip(CaseJson.Doubles(reference.Field("y_true")), (p, y) => p - y).ToArray();
        var absolute = LinearLossEstimator.Fit(Features(reference), Array.ConvertAll(errors, Math.Abs));
        var squared = LinearLossEstimator.Fit(Features(reference), Array.ConvertAll(errors, e => e * e));
        double[] mae = [.. Features(current).Select(row => absolute.Predict(row))], mse = [.. Features(current).Select(row => squared.Predict(row))];
        return new()
        {
            ["dle(model=ols,features-only,floor=0)"] = new JsonObject
            {
                ["mae"] = mae.Average(),
                ["rmse"] = Math.Sqrt(mse.Average()),
                ["mse"] = mse.Average(),
                ["coefficients_abs"] = CaseJson.Array(absolute.Coefficients, c => CaseJson.Number(c)),
                ["coefficients_squared"] = CaseJson.Array(squared.Coefficients, c => CaseJson.Number(c)),
                ["chunks_mae"] = CaseJson.Array(
                    Ranges(mae.Length, @case.Field("chunk_size").GetValue<int>()), range => CaseJson.Number(mae[range].Average())),
            },
            [Realized] = null,
            ["naive_reference_mae"] = errors.Average(Math.Abs),
        };
    }

    public static JsonObject Pca(JsonObject @case)
    {
        double[][] Rows(string side) => [.. @case.Field(side).Elements().Select(CaseJson.Doubles)];
        var (reference, current) = (Rows("reference"), Rows("current"));
        var size = @case.Field("chunk_size").GetValue<int>();
        var pca = PcaReconstruction.Fit(reference);
        var before = Ranges(reference.Length, size).Select(range => pca.ChunkError(reference[range]).Mean).ToArray();
        var after = Ranges(current.Length, size).Select(range => pca.ChunkError(current[range])).ToArray();
        var limits = ReferenceLimits.Population(before)!;
        return new()
        {
            [pca.Method] = new JsonObject
            {
                ["components"] = pca.Components,
                ["reference_chunks"] = CaseJson.Array(before, value => CaseJson.Number(value)),
                ["current_chunks"] = CaseJson.Array(after, chunk => CaseJson.Number(chunk.Mean)),
                ["lower"] = limits.Lower,
                ["upper"] = limits.Upper,
                ["alerts"] = CaseJson.Array(after, chunk => JsonValue.Create(limits.IsOutside(chunk.Mean))),
                ["std_error_current"] = CaseJson.Array(after, chunk => CaseJson.Number(chunk.StandardError)),
            },
        };
    }

    private static IEnumerable<Range> Ranges(int rows, int size) => Chunks.BySize(rows, size);

    private static JsonObject Limits(List<double> values)
    {
        var limits = ReferenceLimits.Population([.. values], 3, 0, 1)!;
        return new()
        {
            ["mean"] = limits.Mean,
            ["std_pop"] = limits.Deviation,
            ["lower"] = limits.Lower,
            ["upper"] = limits.Upper,
        };
    }

    private static JsonObject Binary(BinaryEstimate estimate)
    {
        var confusion = estimate.Expected;
        return new()
        {
            ["expected_confusion"] = new JsonObject
            {
                ["tp"] = confusion[1, 1],
                ["fp"] = confusion[0, 1],
                ["fn"] = confusion[1, 0],
                ["tn"] = confusion[0, 0],
            },
            ["accuracy"] = CaseJson.Number(confusion.Accuracy),
            ["precision"] = confusion.Precision(1),
            ["recall"] = confusion.Recall(1),
            ["specificity"] = CaseJson.Number(confusion.Specificity(1)),
            ["f1"] = confusion.F1(1),
            ["roc_auc(ties=grouped)"] = CaseJson.Number(estimate.RocAuc),
            ["average_precision(ties=grouped)"] = CaseJson.Number(estimate.AveragePrecision),
        };
    }
}
