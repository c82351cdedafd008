using System.Globalization;
using System.Text.Json.Nodes;
using MLOpsLearn.Statistics.Quality;

namespace MLOpsLearn.Cli.GoldenCases;

/// <summary>Quality of models with known labels.</summary>
internal static class ModelQualityAnswers
{
    public static JsonObject Regression(JsonObject @case)
    {
        var rows = @case.Field("current");
        var details = new RegressionDetails(CaseJson.Doubles(rows.Field("y_true")), CaseJson.Doubles(rows.Field("y_pred")));
        var summary = details.Summary;
        return new()
        {
            ["n"] = summary.Rows,
            ["mae"] = CaseJson.Number(summary.Mae),
            ["mse"] = CaseJson.Number(summary.Mse),
            ["rmse"] = CaseJson.Number(summary.Rmse),
            ["bias(mean pred-true)"] = CaseJson.Number(summary.Bias),
            ["median_ae"] = CaseJson.Number(details.MedianAbsoluteError),
            ["max_error"] = CaseJson.Number(details.LargestError),
            ["r2"] = CaseJson.Number(summary.R2),
            ["explained_variance"] = CaseJson.Number(details.ExplainedVariance),
            ["mape(eps=2.220446049250313e-16)"] = CaseJson.Number(details.MapeEpsilon),
            ["mape(skip-zero)"] = CaseJson.Number(details.MapeSkippingZero),
            ["mape_skipped"] = details.ZeroTruths,
            ["wape"] = CaseJson.Number(summary.Wape),
            ["smape(0..2,0/0=0)"] = CaseJson.Number(details.Smape),
            ["error_quantiles(type7)"] = Quantiles([0.05, 0.25, 0.5, 0.75, 0.95], details.ErrorQuantile),
            ["abs_error_quantiles(type7)"] = Quantiles([0.5, 0.9, 0.95, 0.99], details.AbsoluteErrorQuantile),
            ["pinball(0.9)"] = CaseJson.Number(details.Pinball(0.9)),
            ["pinball(0.1)"] = CaseJson.Number(details.Pinball(0.1)),
            ["rmsle"] = CaseJson.Number(details.Rmsle),
            ["pearson"] = CaseJson.Number(details.Pearson),
            ["spearman"] = CaseJson.Number(details.Spearman),
        };
    }

    public static JsonObject Binary(JsonObject @case)
    {
        var rows = @case.Field("current");
        var quality = new BinaryQuality(
            CaseJson.Integers(rows.Field("y_true")), CaseJson.Doubles(rows.Field("y_score")), @case.Field("threshold").GetValue<double>());
        var confusion = quality.Confusion;
        return new()
        {
            ["confusion"] = new JsonObject
            {
                ["tn"] = confusion[0, 0],
                ["fp"] = confusion[0, 1],
                ["fn"] = confusion[1, 0],
                ["tp"] = confusion[1, 1],
            },
            ["accuracy"] = CaseJson.Number(confusion.Accuracy),
            ["balanced_accuracy"] = CaseJson.Number(confusion.BalancedAccuracy),
            ["precision"] = confusion.Precision(1),
            ["recall"] = confusion.Recall(1),
            ["f1"] = confusion.F1(1),
            ["specificity"] = CaseJson.Number(confusion.Specificity(1)),
            ["mcc"] = confusion.Mcc,
            ["cohen_kappa"] = CaseJson.Number(confusion.Kappa),
            ["f1_macro"] = confusion.Macro(confusion.F1),
            ["f1_weighted"] = confusion.Weighted(confusion.F1),
            ["f1_micro"] = CaseJson.Number(confusion.Accuracy),
            ["roc_auc"] = CaseJson.Number(quality.RocAuc),
            ["gini"] = CaseJson.Number(quality.Gini),
            ["average_precision(step)"] = CaseJson.Number(quality.AveragePrecision),
            ["pr_auc(trapezoid)"] = CaseJson.Number(quality.PrecisionRecallArea),
            ["log_loss(eps=2.220446049250313e-16)"] = CaseJson.Number(quality.LogLoss),
            ["brier"] = CaseJson.Number(quality.Brier),
            ["ece(bins=10,equal-width)"] = CaseJson.Number(quality.CalibrationErrorEqualWidth),
            ["ece(bins=10,equal-count)"] = CaseJson.Number(quality.CalibrationErrorEqualCount),
            ["ks_separation"] = CaseJson.Number(quality.KsSeparation),
            ["base_rate"] = CaseJson.Number(quality.BaseRate),
            ["n"] = quality.Rows,
        };
    }

    public static JsonObject Multiclass(JsonObject @case)
    {
        var rows = @case.Field("current");
        var labels = CaseJson.Strings(rows.Field("labels"));
        int[] truth = [.. CaseJson.Strings(rows.Field("y_true")).Select(label => Array.IndexOf(labels, label))];
        var quality = new MulticlassQuality(truth, [.. rows.Field("y_score").Elements().Select(CaseJson.Doubles)], labels.Length);
        var confusion = quality.Confusion;
        var perClass = new JsonObject();
        for (var label = 0; label < labels.Length; label++)
        {
            perClass[labels[label]] = confusion.F1(label);
        }

        return new()
        {
            ["confusion(rows=true)"] = CaseJson.Array(Enumerable.Range(0, labels.Length), i =>
                CaseJson.Array(Enumerable.Range(0, labels.Length), j => CaseJson.Number(confusion[i, j]))),
            ["accuracy"] = CaseJson.Number(confusion.Accuracy),
            ["precision_macro"] = confusion.Macro(confusion.Precision),
            ["recall_macro"] = confusion.Macro(confusion.Recall),
            ["f1_macro"] = confusion.Macro(confusion.F1),
            ["precision_micro"] = CaseJson.Number(confusion.Accuracy),
            ["recall_micro"] = CaseJson.Number(confusion.Accuracy),
            ["f1_micro"] = CaseJson.Number(confusion.Accuracy),
            ["precision_weighted"] = confusion.Weighted(confusion.Precision),
            ["recall_weighted"] = confusion.Weighted(confusion.Recall),
            ["f1_weighted"] = confusion.Weighted(confusion.F1),
            ["per_class_f1"] = perClass,
            ["log_loss(eps=2.220446049250313e-16)"] = CaseJson.Number(quality.LogLoss),
            ["roc_auc_ovr_macro"] = CaseJson.Number(quality.RocAucOneVersusRest),
            ["roc_auc_ovr_weighted"] = CaseJson.Number(quality.RocAucOneVersusRestWeighted),
            ["roc_auc_ovo_macro"] = CaseJson.Number(quality.RocAucOneVersusOne),
            ["top2_accuracy"] = CaseJson.Number(quality.TopAccuracy(2)),
            ["mcc"] = confusion.Mcc,
            ["brier_multiclass(sum)"] = CaseJson.Number(quality.BrierSum),
            ["ece_top_label(bins=10,equal-width)"] = CaseJson.Number(quality.TopLabelCalibrationError),
        };
    }

    private static JsonObject Quantiles(double[] probabilities, Func<double, double?> quantile)
    {
        var json = new JsonObject();
        foreach (var probability in probabilities)
        {
            json[probability.ToString(CultureInfo.InvariantCulture)] = CaseJson.Number(quantile(probability));
        }

        return json;
    }
}
