using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Labels;

/// <summary>How long labels take, from the event to the arrival of the label, in the unit of the log.</summary>
/// <param name="Uncorrected">Delays of the labels that were never corrected.</param>
/// <param name="Corrected">Joined predictions whose label was corrected: left out, since the first arrival is not kept.</param>
/// <param name="Open">Predictions without a label that may still come: left out (right-censored), so quantiles are too small while there are many.</param>
public sealed record LabelDelays(NumericSample Uncorrected, int Corrected, int Open)
{
    /// <summary>Type-7 quantile of the delays, for example .5, .9, .99; null without any.</summary>
    public double? Quantile(double probability) => Uncorrected.Count == 0 ? null : Uncorrected.Quantile(probability);
}
