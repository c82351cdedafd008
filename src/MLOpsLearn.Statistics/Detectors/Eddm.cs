using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Detectors;

/// <summary>
/// Early drift detection method (Baena-Garcia et al. 2006) on the distance between errors. Fires 17 times in 4,000 clean values:
/// use it on request only.
/// </summary>
public sealed class Eddm : IStreamDetector
{
    private readonly int _warmup;
    private readonly double _alpha;
    private readonly double _beta;
    private long _count;
    private long _lastError;
    private Moments _distances;
    private double _largest;
    private DetectorSignal _signal;

    /// <param name="warmup">Errors before it can fire, and values before a distance counts as the largest.</param>
    /// <param name="alpha">Ratio below which it warns.</param>
    /// <param name="beta">Ratio below which it fires.</param>
    public Eddm(int warmup = 30, double alpha = 0.95, double beta = 0.9) => (_warmup, _alpha, _beta) = (warmup, alpha, beta);

    /// <inheritdoc/>
    public string Method => FormattableString.Invariant($"eddm(warmup={_warmup},alpha={_alpha},beta={_beta})");

    /// <inheritdoc/>
    public DetectorSignal Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return DetectorSignal.None;
        }

        _count++;
        if (value == 0)
        {
            return _signal;
        }

        _distances = Moments.Merge(_distances, new(1, _count - _lastError, 0, 0, 0));
        _lastError = _count;
        var level = _distances.Mean + 2 * (_distances.Count > 1 ? _distances.StandardDeviationSample : 0);
        if (_count > _warmup)
        {
            _largest = Math.Max(_largest, level);
        }

        if (_distances.Count <= _warmup)
        {
            return DetectorSignal.None;
        }

        var ratio = level / _largest;
        if (ratio < _beta)
        {
            (_count, _lastError, _distances, _largest, _signal) = (0, 0, default, 0, DetectorSignal.None);
            return DetectorSignal.Drift;
        }

        return _signal = ratio < _alpha ? DetectorSignal.Warning : DetectorSignal.None;
    }
}
