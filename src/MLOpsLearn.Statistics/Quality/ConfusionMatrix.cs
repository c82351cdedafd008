namespace MLOpsLearn.Statistics.Quality;

/// <summary>
/// Counts of truth (rows) by prediction (columns) over declared labels, and every measure of them. Mergeable: add the counts.
/// A ratio 0/0 is 0 and flagged by <see cref="HasZeroDivision"/>.
/// </summary>
public sealed record ConfusionMatrix
{
    private readonly double[,] _cells;

    /// <summary>Takes counts; expected counts may be fractions.</summary>
    public ConfusionMatrix(double[,] cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.GetLength(0), cells.GetLength(1), nameof(cells));
        _cells = (double[,])cells.Clone();
        Labels = cells.GetLength(0);
        Total = Sum(static (_, _) => true);
    }

    /// <summary>Number of labels.</summary>
    public int Labels { get; }

    /// <summary>All rows.</summary>
    public double Total { get; }

    /// <summary>Rows with this truth and this prediction.</summary>
    public double this[int truth, int prediction] => _cells[truth, prediction];

    /// <summary>Share of correct rows; null without rows.</summary>
    public double? Accuracy => Total > 0 ? Sum(static (truth, prediction) => truth == prediction) / Total : null;

    /// <summary>Whether some label is never predicted or never true, so that a ratio is 0 by convention.</summary>
    public bool HasZeroDivision => Enumerable.Range(0, Labels).Any(label => Support(label) == 0 || Predicted(label) == 0);

    /// <summary>Mean recall of the labels that occur as truth; null when fewer than two do.</summary>
    public double? BalancedAccuracy
    {
        get
        {
            var present = Enumerable.Range(0, Labels).Where(label => Support(label) > 0).ToArray();
            return present.Length < 2 ? null : present.Average(Recall);
        }
    }

    /// <summary>Matthews' correlation for any number of labels; 0 when its denominator is 0.</summary>
    public double Mcc
    {
        get
        {
            double correct = 0, cross = 0, truths = 0, predictions = 0;
            for (var label = 0; label < Labels; label++)
            {
                correct += _cells[label, label];
                cross += Support(label) * Predicted(label);
                truths += Support(label) * Support(label);
                predictions += Predicted(label) * Predicted(label);
            }

            var denominator = Math.Sqrt((Total * Total - truths) * (Total * Total - predictions));
            return denominator > 0 ? (correct * Total - cross) / denominator : 0;
        }
    }

    /// <summary>Cohen's kappa; null when agreement by chance is certain.</summary>
    public double? Kappa
    {
        get
        {
            var chance = Enumerable.Range(0, Labels).Sum(label => Support(label) / Total * (Predicted(label) / Total));
            return Total > 0 && chance < 1 ? (Accuracy - chance) / (1 - chance) : null;
        }
    }

    /// <summary>Counts labelled rows.</summary>
    /// <param name="truth">Label numbers.</param>
    /// <param name="prediction">Label numbers.</param>
    /// <param name="labels">Number of declared labels; numbers are 0 to labels - 1.</param>
    /// <exception cref="ArgumentException">The two differ in length, or a number is no label.</exception>
    public static ConfusionMatrix Count(ReadOnlySpan<int> truth, ReadOnlySpan<int> prediction, int labels)
    {
        if (truth.Length != prediction.Length)
        {
            throw new ArgumentException($"{truth.Length} truths do not match {prediction.Length} predictions.", nameof(prediction));
        }

        var cells = new double[labels, labels];
        for (var i = 0; i < truth.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)truth[i], (uint)labels, nameof(truth));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)prediction[i], (uint)labels, nameof(prediction));
            cells[truth[i], prediction[i]]++;
        }

        return new(cells);
    }

    /// <summary>Counts of two disjoint sets of rows taken together.</summary>
    public static ConfusionMatrix Merge(ConfusionMatrix a, ConfusionMatrix b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Labels, a.Labels, nameof(b));
        var cells = new double[a.Labels, a.Labels];
        for (var i = 0; i < a.Labels; i++)
        {
            for (var j = 0; j < a.Labels; j++)
            {
                cells[i, j] = a[i, j] + b[i, j];
            }
        }

        return new(cells);
    }

    /// <summary>Rows with this truth.</summary>
    public double Support(int label) => Sum((truth, _) => truth == label);

    /// <summary>Rows with this prediction.</summary>
    public double Predicted(int label) => Sum((_, prediction) => prediction == label);

    /// <summary>Correct rows / rows with this prediction.</summary>
    public double Precision(int label) => Ratio(_cells[label, label], Predicted(label));

    /// <summary>Correct rows / rows with this truth.</summary>
    public double Recall(int label) => Ratio(_cells[label, label], Support(label));

    /// <summary>Rows rightly given another prediction / rows with another truth; null when every row has this truth.</summary>
    public double? Specificity(int label) => Total > Support(label)
        ? (Total - Support(label) - Predicted(label) + _cells[label, label]) / (Total - Support(label))
        : null;

    /// <summary>2 TP / (2 TP + FP + FN).</summary>
    public double F1(int label) => Ratio(2 * _cells[label, label], Support(label) + Predicted(label));

    /// <summary>Plain mean of a measure over the declared labels, absent ones included.</summary>
    public double Macro(Func<int, double> measure) => Enumerable.Range(0, Labels).Average(measure);

    /// <summary>Mean of a measure weighted by the rows with each truth; 0 without rows.</summary>
    public double Weighted(Func<int, double> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return Ratio(Enumerable.Range(0, Labels).Sum(label => measure(label) * Support(label)), Total);
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;

    private double Sum(Func<int, int, bool> include)
    {
        var sum = 0.0;
        for (var truth = 0; truth < _cells.GetLength(0); truth++)
        {
            for (var prediction = 0; prediction < _cells.GetLength(1); prediction++)
            {
                sum += include(truth, prediction) ? _cells[truth, prediction] : 0;
            }
        }

        return sum;
    }
}
