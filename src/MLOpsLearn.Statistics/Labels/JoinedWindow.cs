namespace MLOpsLearn.Statistics.Labels;

/// <summary>Predictions of a window with the labels known at a moment.</summary>
/// <param name="Predictions">Predictions in the window that had arrived.</param>
/// <param name="Rows">Predictions with a label, in order of arrival.</param>
/// <param name="Status">How far the labels can be trusted.</param>
public sealed record JoinedWindow(int Predictions, IReadOnlyList<(Prediction Prediction, string Label)> Rows, JoinStatus Status)
{
    /// <summary>Labelled / predictions; null without predictions.</summary>
    public double? Coverage => Predictions == 0 ? null : (double)Rows.Count / Predictions;

    /// <summary>Share of labelled predictions that were right; null without labels.</summary>
    public double? Accuracy => Rows.Count == 0
        ? null
        : (double)Rows.Count(row => string.Equals(row.Prediction.Value, row.Label, StringComparison.Ordinal)) / Rows.Count;
}
