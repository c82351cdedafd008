using System.Runtime.InteropServices;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Labels;

/// <summary>
/// The join of predictions and labels as it stood at a moment: a pure function of the two logs, so the same question has the same
/// answer for ever.
/// </summary>
public sealed class LabelJoin
{
    private readonly LabelJoinSettings _settings;
    private readonly long _asOf;
    private readonly Dictionary<string, Prediction> _predictions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Winner> _winners = new(StringComparer.Ordinal);

    /// <summary>Replays both logs up to a moment, inclusive.</summary>
    /// <param name="predictions">Prediction log in its own order.</param>
    /// <param name="labels">Label log in its own order; the order breaks ties of version and arrival.</param>
    /// <param name="settings">Rules.</param>
    /// <param name="asOf">The moment.</param>
    public LabelJoin(IEnumerable<Prediction> predictions, IEnumerable<Label> labels, LabelJoinSettings settings, long asOf)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(settings);
        (_settings, _asOf) = (settings, asOf);
        foreach (var prediction in predictions.Where(prediction => prediction.Arrived <= asOf).OrderBy(prediction => prediction.Arrived))
        {
            Take(prediction);
        }

        var position = 0;
        foreach (var label in labels.Where(label => label.Arrived <= asOf).OrderBy(label => label.Arrived))
        {
            Take(label, position++);
        }
    }

    /// <summary>Counters over the whole logs up to the moment.</summary>
    public LabelCounters Counters { get; } = new();

    /// <summary>Predictions with start &lt;= event time &lt; end, and their labels.</summary>
    public JoinedWindow Window(long start, long end)
    {
        var inside = _predictions.Values.Where(prediction => prediction.Time >= start && prediction.Time < end).ToArray();
        return Join(inside, end);
    }

    /// <summary>
    /// The window taken apart by what <paramref name="segment"/> says of each prediction, in ordinal order; predictions without a segment
    /// are left out. Each segment needs enough labels of its own.
    /// </summary>
    public IReadOnlyList<(string Segment, JoinedWindow Window)> Segments(long start, long end, Func<Prediction, string?> segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        return [.. Window(start, end).All.Where(prediction => segment(prediction) is not null)
            .GroupBy(prediction => segment(prediction)!, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, Join([.. group], end)))];
    }

    private JoinedWindow Join(Prediction[] inside, long end)
    {
        var (rows, delays, corrected) = (new List<(Prediction, string)>(), new List<double>(), 0);
        foreach (var prediction in inside)
        {
            if (!_winners.TryGetValue(prediction.Id, out var winner) || winner.Value is null)
            {
                continue;
            }

            rows.Add((prediction, winner.Value));
            if (winner.IsCorrection)
            {
                corrected++;
            }
            else
            {
                delays.Add(winner.Arrived - prediction.Time);
            }
        }

        var coverage = inside.Length == 0 ? 0 : (double)rows.Count / inside.Length;
        var status = rows.Count > 0 && (_asOf >= end + _settings.Horizon || rows.Count == inside.Length) ? JoinStatus.Final
            : coverage >= _settings.MinCoverage && rows.Count >= _settings.MinLabels ? JoinStatus.Provisional
            : JoinStatus.Undefined;

        // A prediction that may still get its label says only that its delay is longer than its age.
        var open = inside.Count(prediction => !_winners.ContainsKey(prediction.Id) && _asOf - prediction.Time <= _settings.Horizon);
        return new(inside.Length, rows, status) { All = inside, Delays = new(NumericSample.Create(CollectionsMarshal.AsSpan(delays)), corrected, open) };
    }

    private void Take(Prediction prediction)
    {
        if (_predictions.TryAdd(prediction.Id, prediction))
        {
            return;
        }

        var known = _predictions[prediction.Id];
        if (known with { Arrived = prediction.Arrived } == prediction)
        {
            Counters.DuplicatePrediction++;
        }
        else
        {
            Counters.ConflictingPrediction++;
        }
    }

    private void Take(Label label, int position)
    {
        if (!label.IsRetraction && (label.Value is null || _settings.Classes?.Contains(label.Value) == false))
        {
            Counters.InvalidLabel++;
        }
        else if (!_predictions.TryGetValue(label.Id, out var prediction))
        {
            _ = _asOf - label.Arrived <= _settings.EarlyTtl ? Counters.Waiting++ : Counters.Orphan++;
        }
        else if (prediction.Arrived - label.Arrived > _settings.EarlyTtl)
        {
            Counters.Orphan++;
        }
        else if (label.Arrived - prediction.Time > _settings.Horizon)
        {
            Counters.TooLate++;
        }
        else
        {
            Decide(label, new(label.IsRetraction ? null : label.Value, label.Version ?? 0, label.Arrived, position, IsCorrection: false));
        }
    }

    private void Decide(Label label, Winner candidate)
    {
        if (!_winners.TryGetValue(label.Id, out var winner))
        {
            if (label.IsRetraction)
            {
                Counters.StaleLabel++;
            }
            else
            {
                _winners[label.Id] = candidate;
            }
        }
        else if (candidate.Order.CompareTo(winner.Order) < 0)
        {
            Counters.StaleLabel++;
        }
        else if (string.Equals(winner.Value, candidate.Value, StringComparison.Ordinal))
        {
            Counters.DuplicateLabel++;
        }
        else
        {
            _ = label.IsRetraction ? Counters.Retracted++ : Counters.Correction++;
            _winners[label.Id] = candidate with { IsCorrection = true };
        }
    }

    // A null value is a retracted label.
    private readonly record struct Winner(string? Value, long Version, long Arrived, int Position, bool IsCorrection)
    {
        public (long, long, int) Order => (Version, Arrived, Position);
    }
}
