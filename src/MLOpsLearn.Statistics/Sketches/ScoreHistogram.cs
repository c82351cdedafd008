using MLOpsLearn.Statistics.Quality;

namespace MLOpsLearn.Statistics.Sketches;

/// <summary>
/// Scores of a binary classifier by class in fixed bins of equal width on [0, 1]. Merges exactly. The area under the ROC curve comes
/// out within <see cref="AucError"/>, half the tied mass. Not thread-safe.
/// </summary>
public sealed class ScoreHistogram
{
    private readonly long[] _positives;
    private readonly long[] _negatives;

    /// <param name="bins">Number of bins, at least 1.</param>
    public ScoreHistogram(int bins = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        (_positives, _negatives) = (new long[bins], new long[bins]);
    }

    /// <summary>Rows of the positive class.</summary>
    public long Positives => _positives.Sum();

    /// <summary>Rows of the negative class.</summary>
    public long Negatives => _negatives.Sum();

    /// <summary>Rows whose score is not a number from 0 to 1: not in any bin.</summary>
    public long Outside { get; private set; }

    /// <summary>Area under the ROC curve with ties within a bin counted one half; null when a class is absent.</summary>
    public double? RocAuc
    {
        get
        {
            double below = 0, area = 0;
            for (var i = 0; i < _positives.Length; i++)
            {
                area += _positives[i] * (below + _negatives[i] / 2.0);
                below += _negatives[i];
            }

            return Positives > 0 && Negatives > 0 ? area / ((double)Positives * Negatives) : null;
        }
    }

    /// <summary>Largest error of <see cref="RocAuc"/>: sum over bins of positives x negatives / (2 P N); null when a class is absent.</summary>
    public double? AucError => Positives > 0 && Negatives > 0
        ? _positives.Zip(_negatives, static (p, n) => (double)p * n).Sum() / (2.0 * Positives * Negatives)
        : null;

    /// <summary>Takes one row.</summary>
    public void Add(double score, bool positive)
    {
        if (!(score >= 0 && score <= 1))
        {
            Outside++;
            return;
        }

        var bin = Math.Min((int)(score * _positives.Length), _positives.Length - 1);
        (positive ? _positives : _negatives)[bin]++;
    }

    /// <summary>Takes everything another histogram with as many bins has taken.</summary>
    public void Merge(ScoreHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other._positives.Length, _positives.Length, nameof(other));
        for (var i = 0; i < _positives.Length; i++)
        {
            _positives[i] += other._positives[i];
            _negatives[i] += other._negatives[i];
        }

        Outside += other.Outside;
    }

    /// <summary>Counts of the classifier that predicts positive from this bin's lower edge on; exact when the threshold is an edge.</summary>
    /// <param name="bin">Number of the first positive bin, 0 to the number of bins.</param>
    public ConfusionMatrix Confusion(int bin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bin, _positives.Length);
        double truePositives = _positives.AsSpan(bin).ToArray().Sum(), falsePositives = _negatives.AsSpan(bin).ToArray().Sum();
        return new(new[,] { { Negatives - falsePositives, falsePositives }, { Positives - truePositives, truePositives } });
    }
}
