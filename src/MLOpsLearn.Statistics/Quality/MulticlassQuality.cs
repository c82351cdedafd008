namespace MLOpsLearn.Statistics.Quality;

/// <summary>
/// Quality of a classifier with any number of classes. The predicted class is the highest score, ties to the lowest number.
/// Null where a measure has no value: areas need every declared class.
/// </summary>
public sealed record MulticlassQuality
{
    private readonly int[] _truth;
    private readonly double[][] _scores;
    private readonly int[] _predicted;
    private readonly int _labels;

    /// <summary>Measures class probabilities against truths.</summary>
    /// <param name="truth">Class numbers.</param>
    /// <param name="scores">One row of probabilities for each truth, in class order. Rows that are not all finite are left out.</param>
    /// <param name="labels">Number of declared classes.</param>
    /// <exception cref="ArgumentException">The two differ in length.</exception>
    public MulticlassQuality(ReadOnlySpan<int> truth, IReadOnlyList<double[]> scores, int labels)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (truth.Length != scores.Count)
        {
            throw new ArgumentException($"{truth.Length} truths do not match {scores.Count} rows of scores.", nameof(scores));
        }

        var (kept, rows) = (new List<int>(truth.Length), new List<double[]>(truth.Length));
        for (var i = 0; i < truth.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(scores[i].Length, labels, nameof(scores));
            if (Array.TrueForAll(scores[i], double.IsFinite))
            {
                kept.Add(truth[i]);
                rows.Add(scores[i]);
            }
        }

        (_truth, _scores, _labels, Skipped) = ([.. kept], [.. rows], labels, truth.Length - kept.Count);
        _predicted = Array.ConvertAll(_scores, static row => Array.IndexOf(row, row.Max()));
        Confusion = ConfusionMatrix.Count(_truth, _predicted, labels);
    }

    /// <summary>Rows left out because a score is not a finite number.</summary>
    public int Skipped { get; }

    /// <summary>Counts and their measures.</summary>
    public ConfusionMatrix Confusion { get; }

    /// <summary>Mean -ln p(truth), clipped at 2.2e-16.</summary>
    public double? LogLoss => Calibration.LogLoss(_scores, _truth);

    /// <summary>Mean over rows of the sum over classes of (p - y)^2.</summary>
    public double? BrierSum => Calibration.BrierSum(_scores, _truth);

    /// <summary>Mean over classes of the AUC of the class against the rest.</summary>
    public double? RocAucOneVersusRest => AllPresent ? Enumerable.Range(0, _labels).Average(OneVersusRest) : null;

    /// <summary>The same weighted by the rows of each class.</summary>
    public double? RocAucOneVersusRestWeighted => AllPresent ? Confusion.Weighted(label => OneVersusRest(label)!.Value) : null;

    /// <summary>Mean over ordered pairs of classes of the AUC between them (Hand and Till 2001).</summary>
    public double? RocAucOneVersusOne
    {
        get
        {
            if (!AllPresent || _labels < 2)
            {
                return null;
            }

            var sum = 0.0;
            for (var a = 0; a < _labels; a++)
            {
                for (var b = 0; b < _labels; b++)
                {
                    sum += a == b ? 0 : Between(a, b);
                }
            }

            return sum / (_labels * (_labels - 1));
        }
    }

    /// <summary>Expected calibration error of the highest score, ten bins of equal width.</summary>
    public double? TopLabelCalibrationError => Calibration.EqualWidth(
        [.. _scores.Select(static row => row.Max())], [.. _truth.Select((y, i) => y == _predicted[i] ? 1.0 : 0.0)]);

    private bool AllPresent => _truth.Length > 0 && Enumerable.Range(0, _labels).All(_truth.Contains);

    /// <summary>Share of rows whose truth is among the k highest scores; ties go to the higher class number.</summary>
    public double? TopAccuracy(int k)
    {
        var hits = _truth.Where((y, i) => Enumerable.Range(0, _labels)
            .OrderByDescending(label => _scores[i][label]).ThenByDescending(label => label).Take(k).Contains(y)).Count();
        return _truth.Length == 0 ? null : (double)hits / _truth.Length;
    }

    private double? OneVersusRest(int label) => new ScoreCurve(
        [.. _scores.Select(row => row[label])], [.. _truth.Select(y => y == label ? 1.0 : 0.0)]).RocAuc();

    private double Between(int label, int other)
    {
        var rows = Enumerable.Range(0, _truth.Length).Where(i => _truth[i] == label || _truth[i] == other).ToArray();
        return new ScoreCurve(
            [.. rows.Select(i => _scores[i][label])], [.. rows.Select(i => _truth[i] == label ? 1.0 : 0.0)]).RocAuc()!.Value;
    }
}
