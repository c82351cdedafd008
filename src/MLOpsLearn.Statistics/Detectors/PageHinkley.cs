namespace MLOpsLearn.Statistics.Detectors;

/// <summary>
/// Page-Hinkley test for increases; run it on -x for decreases. Not free of scale: standardise the input with the reference's mean
/// and deviation first, or it alarms on clean streams.
/// </summary>
public sealed class PageHinkley : IStreamDetector
{
    private readonly int _minimum;
    private readonly double _delta;
    private readonly double _threshold;
    private readonly double _alpha;
    private int _count = 1;
    private double _mean;
    private double _sum;

    /// <param name="minimum">Values before it can fire.</param>
    /// <param name="delta">Change that is tolerated.</param>
    /// <param name="threshold">Limit of the sum.</param>
    /// <param name="alpha">Forgetting of the sum, 0 to 1.</param>
    public PageHinkley(int minimum = 30, double delta = 0.005, double threshold = 50, double alpha = 0.9999) =>
        (_minimum, _delta, _threshold, _alpha) = (minimum, delta, threshold, alpha);

    /// <inheritdoc/>
    public string Method => FormattableString.Invariant(
        $"page-hinkley(min={_minimum},delta={_delta},threshold={_threshold},alpha={_alpha})");

    /// <inheritdoc/>
    public DetectorSignal Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return DetectorSignal.None;
        }

        // The count starts at 1: the first value is taken whole as the mean.
        _mean += (value - _mean) / _count;
        _sum = Math.Max(0, _alpha * _sum + value - _mean - _delta);
        _count++;
        if (_count < _minimum || _sum < _threshold)
        {
            return DetectorSignal.None;
        }

        (_count, _mean, _sum) = (1, 0, 0);
        return DetectorSignal.Drift;
    }
}
