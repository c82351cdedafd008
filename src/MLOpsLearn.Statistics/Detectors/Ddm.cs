namespace MLOpsLearn.Statistics.Detectors;

/// <summary>Drift detection method (Gama et al. 2004) on a stream of errors: 1 for a wrong prediction, 0 for a right one.</summary>
public sealed class Ddm : IStreamDetector
{
    private readonly int _warmup;
    private readonly double _warn;
    private readonly double _drift;
    private long _count;
    private double _rate;
    private double _bestRate = double.PositiveInfinity;
    private double _bestDeviation = double.PositiveInfinity;

    /// <param name="warmup">Values before it can fire.</param>
    /// <param name="warn">Deviations that warn.</param>
    /// <param name="drift">Deviations that fire.</param>
    public Ddm(int warmup = 30, double warn = 2, double drift = 3) => (_warmup, _warn, _drift) = (warmup, warn, drift);

    /// <inheritdoc/>
    public string Method => FormattableString.Invariant($"ddm(warmup={_warmup},warn={_warn},drift={_drift})");

    /// <inheritdoc/>
    public DetectorSignal Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return DetectorSignal.None;
        }

        _count++;
        _rate += (value - _rate) / _count;
        var deviation = Math.Sqrt(_rate * (1 - _rate) / _count);
        if (_count <= _warmup)
        {
            return DetectorSignal.None;
        }

        if (_rate + deviation <= _bestRate + _bestDeviation)
        {
            (_bestRate, _bestDeviation) = (_rate, deviation);
        }

        if (_rate + deviation > _bestRate + _drift * _bestDeviation)
        {
            (_count, _rate, _bestRate, _bestDeviation) = (0, 0, double.PositiveInfinity, double.PositiveInfinity);
            return DetectorSignal.Drift;
        }

        return _rate + deviation > _bestRate + _warn * _bestDeviation ? DetectorSignal.Warning : DetectorSignal.None;
    }
}
