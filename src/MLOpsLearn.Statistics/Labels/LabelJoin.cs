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
        var rows = inside
            .Where(prediction => _winners.TryGetValue(prediction.Id, out var winner) && winner.Value is not null)
            .Select(prediction => (prediction, _winners[prediction.Id].Value!)).ToArray();
        var coverage = inside.Length == 0 ? 0 : (double)rows.Length / inside.Length;
        var status = rows.Length > 0 && (_asOf >= end + _settings.Horizon || rows.Length == inside.Length) ? JoinStatus.Final
            : coverage >= _settings.MinCoverage && rows.Length >= _settings.MinLabels ? JoinStatus.Provisional
            : JoinStatus.Undefined;
        return new(inside.Length, rows, status);
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
            Decide(label, new(label.IsRetraction ? null : label.Value, label.Version ?? 0, label.Arrived, position));
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
            _winners[label.Id] = candidate;
        }
    }

    // A null value is a retracted label.
    private readonly record struct Winner(string? Value, long Version, long Arrived, int Position)
    {
        public (long, long, int) Order => (Version, Arrived, Position);
    }
}
