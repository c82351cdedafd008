namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Direct loss estimation with gradient-boosted trees: as <see cref="LinearLossEstimator"/>, for errors that do not change along straight
/// lines. Fit it on rows the main model has not learned from. Outputs are floored at 0. Immutable once fitted.
/// </summary>
public sealed class BoostedLossEstimator
{
    private const int Trees = 100;
    private const double Rate = 0.1;
    private readonly BoostedTrees _model;

    private BoostedLossEstimator(BoostedTrees model) => _model = model;

    /// <summary>Method identity.</summary>
    public static string Method => $"dle(model={BoostedTrees.Identity(Trees, Rate)})";

    /// <summary>Fits losses (absolute or squared errors) on complete rows of features, with or without the prediction as one of them.</summary>
    /// <exception cref="ArgumentException">There are no rows, or the two differ in length.</exception>
    public static BoostedLossEstimator Fit(
        IReadOnlyList<double[]> features, ReadOnlySpan<double> losses, CancellationToken cancellationToken = default) =>
        new(BoostedTrees.FitNumbers(features, losses, Trees, Rate, cancellationToken));

    /// <summary>Estimated loss of a row, at least 0.</summary>
    public double Predict(ReadOnlySpan<double> features) => Math.Max(0, _model.Predict(features));

    /// <summary>Estimated mean loss of a chunk; null without rows.</summary>
    public double? MeanLoss(IReadOnlyCollection<double[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Count == 0 ? null : rows.Average(row => Predict(row));
    }
}
