using MLOpsLearn.Statistics.Quality;

namespace MLOpsLearn.Statistics.Estimation;

/// <summary>As <see cref="BinaryEstimate"/> for any number of classes: each class against the rest, then the plain mean.</summary>
public sealed record MulticlassEstimate
{
    private MulticlassEstimate(IReadOnlyList<double[]> calibrated, double[,] confusion, IReadOnlyList<BinaryEstimate> classes)
    {
        (Calibrated, Expected, Classes) = (calibrated, new(confusion), classes);
    }

    /// <summary>Calibrated probabilities, each row with sum 1.</summary>
    public IReadOnlyList<double[]> Calibrated { get; }

    /// <summary>Expected counts; its accuracy is the expected accuracy.</summary>
    public ConfusionMatrix Expected { get; }

    /// <summary>Each class against the rest.</summary>
    public IReadOnlyList<BinaryEstimate> Classes { get; }

    /// <summary>Fits one calibration a class on labelled reference rows.</summary>
    public static IReadOnlyList<IsotonicCalibration> Calibrate(ReadOnlySpan<int> truth, IReadOnlyList<double[]> scores, int labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var truths = truth.ToArray();
        return [.. Enumerable.Range(0, labels).Select(label => IsotonicCalibration.Fit(
            [.. scores.Select(row => row[label])], [.. truths.Select(y => y == label ? 1.0 : 0.0)]))];
    }

    /// <summary>Estimates unlabelled rows.</summary>
    /// <param name="calibrations">One a class.</param>
    /// <param name="scores">Uncalibrated class scores of each row.</param>
    /// <param name="predicted">Predicted class of each row.</param>
    public static MulticlassEstimate Estimate(
        IReadOnlyList<IsotonicCalibration> calibrations, IReadOnlyList<double[]> scores, ReadOnlySpan<int> predicted)
    {
        ArgumentNullException.ThrowIfNull(calibrations);
        ArgumentNullException.ThrowIfNull(scores);
        var labels = calibrations.Count;
        var predictions = predicted.ToArray();
        var calibrated = scores.Select(row => Normalised([.. calibrations.Select((c, label) => c.Predict(row[label]))])).ToArray();
        var cells = new double[labels, labels];
        for (var i = 0; i < calibrated.Length; i++)
        {
            for (var label = 0; label < labels; label++)
            {
                cells[label, predictions[i]] += calibrated[i][label];
            }
        }

        return new(calibrated, cells, [.. Enumerable.Range(0, labels).Select(label => BinaryEstimate.Estimate(
            [.. scores.Select(row => row[label])],
            [.. calibrated.Select(row => row[label])],
            [.. predictions.Select(prediction => prediction == label ? 1 : 0)]))]);
    }

    private static double[] Normalised(double[] row)
    {
        var total = row.Sum();
        return Array.ConvertAll(row, value => total > 0 ? value / total : 1.0 / row.Length);
    }
}
