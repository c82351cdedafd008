namespace MLOpsLearn.Learning.Evaluation;

/// <summary>
/// Errors of a regression on labelled rows, error being label minus prediction: RMSE = √(mean error²), MAE = mean |error|, bias = mean
/// prediction minus mean label, R² = 1 − Σ error² / Σ (label − mean label)², skill = 1 − RMSE / RMSE of predicting the rows' own mean label.
/// R² and skill are NaN when all labels are equal.
/// </summary>
public sealed record RegressionMetrics(int Rows, double Rmse, double Mae, double R2, double Skill, double Bias)
{
    /// <exception cref="ArgumentException">The spans differ in length or are empty.</exception>
    public static RegressionMetrics Compute(ReadOnlySpan<double> labels, ReadOnlySpan<double> predictions)
    {
        if (labels.Length != predictions.Length || labels.IsEmpty)
        {
            throw new ArgumentException($"There are {labels.Length} labels and {predictions.Length} predictions; there must be as many, and at least one.", nameof(predictions));
        }

        double mean = 0;
        foreach (var label in labels)
        {
            mean += label / labels.Length;
        }

        double squares = 0, absolutes = 0, bias = 0, total = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var error = labels[i] - predictions[i];
            squares += error * error;
            absolutes += Math.Abs(error);
            bias -= error;
            total += (labels[i] - mean) * (labels[i] - mean);
        }

        var rmse = Math.Sqrt(squares / labels.Length);
        return new RegressionMetrics(
            labels.Length,
            rmse,
            absolutes / labels.Length,
            total > 0 ? 1 - (squares / total) : double.NaN,
            total > 0 ? 1 - (rmse / Math.Sqrt(total / labels.Length)) : double.NaN,
            bias / labels.Length);
    }

    /// <summary>The metrics by the names that specifications use.</summary>
    public IReadOnlyDictionary<string, double> ByName() => new Dictionary<string, double>
    {
        ["rmse"] = Rmse,
        ["mae"] = Mae,
        ["r2"] = R2,
        ["skill"] = Skill,
        ["bias"] = Bias,
    };
}
