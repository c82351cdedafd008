using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Detectors;

/// <summary>
/// Two-sided cumulative sums against the mean and sample deviation of the first values. With warmup 100 and h = 8 the default for
/// standardised values; 30 values of warmup make the mean too rough.
/// </summary>
public sealed class Cusum : IStreamDetector
{
    private readonly int _warmup;
    private readonly double _slack;
    private readonly double _limit;
    private Moments _moments;
    private double _up;
    private double _down;

    /// <param name="warmup">Values that fix mean and deviation, at least 2.</param>
    /// <param name="slack">k, in deviations.</param>
    /// <param name="limit">h, in deviations.</param>
    public Cusum(int warmup = 100, double slack = 0.5, double limit = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(warmup, 2);
        (_warmup, _slack, _limit) = (warmup, slack, limit);
    }

    /// <inheritdoc/>
    public string Method => FormattableString.Invariant($"cusum(warmup={_warmup},k={_slack},h={_limit},both)");

    /// <inheritdoc/>
    public DetectorSignal Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return DetectorSignal.None;
        }

        if (_moments.Count < _warmup)
        {
            _moments = Moments.Merge(_moments, new(1, value, 0, 0, 0));
        }

        if (_moments.Count < _warmup)
        {
            return DetectorSignal.None;
        }

        var deviation = _moments.StandardDeviationSample;
        _up = Math.Max(0, _up + value - _moments.Mean - _slack * deviation);
        _down = Math.Max(0, _down - (value - _moments.Mean) - _slack * deviation);
        if (_up <= _limit * deviation && _down <= _limit * deviation)
        {
            return DetectorSignal.None;
        }

        (_moments, _up, _down) = (default, 0, 0);
        return DetectorSignal.Drift;
    }
}
