using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Detectors;

/// <summary>
/// Kolmogorov-Smirnov windowing: the newest values against as many of the older ones, evenly spaced so that the result can be
/// reproduced. A test a value: expect false alarms at the usual alpha.
/// </summary>
public sealed class Kswin : IStreamDetector
{
    private const double SmallestDistance = 0.1;
    private readonly double _alpha;
    private readonly int _window;
    private readonly int _newest;
    private readonly Queue<double> _values;

    /// <param name="alpha">Largest p-value that fires.</param>
    /// <param name="window">Values kept.</param>
    /// <param name="newest">Values on each side of the comparison, at most half the window.</param>
    public Kswin(double alpha = 0.005, int window = 100, int newest = 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newest, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 2 * newest);
        (_alpha, _window, _newest) = (alpha, window, newest);
        _values = new(window + 1);
    }

    /// <inheritdoc/>
    public string Method => FormattableString.Invariant($"kswin(alpha={_alpha},window={_window},stat={_newest},sample=even)");

    /// <inheritdoc/>
    public DetectorSignal Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return DetectorSignal.None;
        }

        _values.Enqueue(value);
        if (_values.Count > _window)
        {
            _values.Dequeue();
        }

        if (_values.Count < _window)
        {
            return DetectorSignal.None;
        }

        var all = _values.ToArray();
        var older = new double[_newest];
        for (var j = 0; j < _newest; j++)
        {
            older[j] = all[(_window - _newest) * j / _newest];
        }

        var test = KolmogorovSmirnov.Test(NumericPair.Create(older, all.AsSpan(_window - _newest)));
        if (test.PValue > _alpha || test.Statistic <= SmallestDistance)
        {
            return DetectorSignal.None;
        }

        _values.Clear();
        return DetectorSignal.Drift;
    }
}
