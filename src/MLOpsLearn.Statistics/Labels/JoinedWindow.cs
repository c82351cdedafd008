using System.Globalization;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Labels;

/// <summary>Predictions of a window with the labels known at a moment.</summary>
/// <param name="Predictions">Predictions in the window that had arrived.</param>
/// <param name="Rows">Predictions with a label, in order of arrival.</param>
/// <param name="Status">How far the labels can be trusted.</param>
public sealed record JoinedWindow(int Predictions, IReadOnlyList<(Prediction Prediction, string Label)> Rows, JoinStatus Status)
{
    /// <summary>Identity of <see cref="WeightedAccuracy"/>.</summary>
    public const string WeightedAccuracyMethod = "accuracy(weights=ipw(decile))";

    private const double LargestCoverageRatio = 2;
    private const int Deciles = 10;

    /// <summary>Labelled / predictions; null without predictions.</summary>
    public double? Coverage => Predictions == 0 ? null : (double)Rows.Count / Predictions;

    /// <summary>Predictions that still lack a label.</summary>
    public int LabelsNeeded => Predictions - Rows.Count;

    /// <summary>Share of labelled predictions that were right; null without labels.</summary>
    public double? Accuracy => Rows.Count == 0 ? null : (double)Rows.Count(IsCorrect) / Rows.Count;

    /// <summary>How long labels took.</summary>
    public LabelDelays Delays { get; init; } = new(NumericSample.Create(ReadOnlySpan<double>.Empty), 0, 0);

    /// <summary>Coverage by predicted class, in ordinal order.</summary>
    public IReadOnlyList<CoverageGroup> CoverageByPrediction => Groups(All, static (_, prediction) => prediction.Value);

    /// <summary>Coverage by decile of the score, lowest first, over the predictions with a score; at most ten, fewer when scores tie.</summary>
    public IReadOnlyList<CoverageGroup> CoverageByScoreDecile
    {
        get
        {
            Prediction[] scored = [.. All.Where(prediction => prediction.Score is { } score && double.IsFinite(score)).OrderBy(prediction => prediction.Score)];
            var first = new Dictionary<double, int>();
            for (var i = 0; i < scored.Length; i++)
            {
                first.TryAdd(scored[i].Score!.Value, i);
            }

            // Equal scores share a decile: that of the first of them.
            return Groups(scored, (_, prediction) => ((int)((long)Deciles * first[prediction.Score!.Value] / scored.Length) + 1).ToString("00", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>
    /// Whether the labels are missing otherwise than at random: coverage differs by more than a factor of 2 between score deciles
    /// (between predicted classes without scores), so a metric of the labelled rows is marked biased-coverage.
    /// </summary>
    public bool HasBiasedCoverage
    {
        get
        {
            var groups = Basis();
            return groups.Count > 1 && groups.Max(group => group.Coverage) > LargestCoverageRatio * groups.Min(group => group.Coverage);
        }
    }

    /// <summary>
    /// Accuracy with each labelled row weighted by 1 / coverage of its score decile, so that deciles count as they do among all
    /// predictions. An option with an identity of its own, <see cref="WeightedAccuracyMethod"/>, never a silent default; null without
    /// scores, and when some decile has no label to speak for it.
    /// </summary>
    public double? WeightedAccuracy
    {
        get
        {
            var groups = CoverageByScoreDecile;
            return groups.Count == 0 || groups.Any(group => group.Joined == 0)
                ? null
                : groups.Sum(group => group.Correct / group.Coverage) / groups.Sum(group => (double)group.Predictions);
        }
    }

    internal IReadOnlyList<Prediction> All { get; init; } = [];

    /// <summary>Whether another join of the same window holds the same labelled rows: then a stored result keeps its revision.</summary>
    public bool HasSameRows(JoinedWindow other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Rows.Count == other.Rows.Count
            && Rows.Select(Identity).ToHashSet().SetEquals(other.Rows.Select(Identity));

        static (string, string) Identity((Prediction Prediction, string Label) row) => (row.Prediction.Id, row.Label);
    }

    private static bool IsCorrect((Prediction Prediction, string Label) row) =>
        string.Equals(row.Prediction.Value, row.Label, StringComparison.Ordinal);

    private IReadOnlyList<CoverageGroup> Basis() => CoverageByScoreDecile is { Count: > 0 } deciles ? deciles : CoverageByPrediction;

    private List<CoverageGroup> Groups(IReadOnlyList<Prediction> predictions, Func<int, Prediction, string> name)
    {
        var joined = Rows.ToDictionary(row => row.Prediction.Id, IsCorrect, StringComparer.Ordinal);
        return [.. predictions.Select((prediction, i) => (Name: name(i, prediction), prediction.Id))
            .GroupBy(item => item.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new CoverageGroup(
                group.Key,
                group.Count(),
                group.Count(item => joined.ContainsKey(item.Id)),
                group.Count(item => joined.GetValueOrDefault(item.Id))))];
    }
}
