using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// How much metrics of a chunk vary by its size alone, from labelled reference rows: a standard deviation of single rows divided by the
/// root of the rows that the metric rests on. The band of an estimate is three of these to each side.
/// </summary>
public sealed record SamplingError
{
    private const double Deviations = 3;
    private readonly Moments _correct;
    private readonly Moments _precise;
    private readonly Moments _recalled;
    private readonly Moments _placement;

    private SamplingError(Moments correct, Moments precise, Moments recalled, Moments placement) =>
        (_correct, _precise, _recalled, _placement) = (correct, precise, recalled, placement);

    /// <summary>Measures a labelled reference.</summary>
    /// <param name="truth">0 or 1.</param>
    /// <param name="predicted">0 or 1.</param>
    /// <param name="scores">Scores, finite.</param>
    public static SamplingError Of(ReadOnlySpan<int> truth, ReadOnlySpan<int> predicted, ReadOnlySpan<double> scores)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(predicted.Length, truth.Length, nameof(predicted));
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, truth.Length, nameof(scores));
        var (correct, precise, recalled) = (new List<double>(truth.Length), new List<double>(), new List<double>());
        for (var i = 0; i < truth.Length; i++)
        {
            var right = truth[i] == predicted[i] ? 1.0 : 0.0;
            correct.Add(right);
            if (predicted[i] == 1)
            {
                precise.Add(right);
            }

            if (truth[i] == 1)
            {
                recalled.Add(right);
            }
        }

        return new(
            Moments.Of([.. correct]), Moments.Of([.. precise]), Moments.Of([.. recalled]), Moments.Of(Placements.Of(truth, scores).Positives));
    }

    /// <summary>Of the accuracy of a chunk: deviation of being right / sqrt(rows); null without reference rows.</summary>
    public double? OfAccuracy(long rows) => Error(_correct, rows, _correct.Count);

    /// <summary>Of the precision: deviation of being right among predicted positives / sqrt(rows x share of them).</summary>
    public double? OfPrecision(long rows) => Error(_precise, rows, _correct.Count);

    /// <summary>Of the recall: deviation of being right among true positives / sqrt(rows x share of them).</summary>
    public double? OfRecall(long rows) => Error(_recalled, rows, _correct.Count);

    /// <summary>Of the area under the ROC curve: deviation of the placements of positives / sqrt(rows x share of positives).</summary>
    public double? OfRocAuc(long rows) => Error(_placement, rows, _correct.Count);

    /// <summary>Band around an estimate, clamped to 0..1; null when the error or the estimate is.</summary>
    public static (double Lower, double Upper)? Band(double? estimate, double? error) => estimate is { } value && error is { } deviation
        ? (Math.Max(0, value - Deviations * deviation), Math.Min(1, value + Deviations * deviation))
        : null;

    private static double? Error(Moments part, long rows, long all) =>
        part.Count == 0 || rows <= 0 ? null : part.StandardDeviationPopulation / Math.Sqrt(rows * ((double)part.Count / all));
}
