using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>Fires when the distance lies above the (1 - alpha) quantile of the distance between the reference and resamples of it as large as the window.</summary>
public static class BootstrapQuantileRule
{
    /// <summary>Judges a window.</summary>
    /// <param name="pair">The two samples.</param>
    /// <param name="distance">The distance, larger meaning farther.</param>
    /// <param name="alpha">Share of clean windows that may fire.</param>
    /// <param name="resamples">B, at least 500.</param>
    /// <param name="seed">Seed, recorded in the identity.</param>
    /// <param name="cancellationToken">Ends the computation.</param>
    public static RuleVerdict Judge(
        NumericPair pair,
        Func<NumericPair, MethodResult> distance,
        double alpha = 0.05,
        int resamples = 500,
        ulong seed = 1,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        ArgumentNullException.ThrowIfNull(distance);
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 500);
        var rule = FormattableString.Invariant($"bootstrap-quantile(alpha={alpha},B={resamples},seed={seed})");
        var observed = distance(pair);
        if (observed.Statistic is not { } value)
        {
            return new(rule, observed, null, null);
        }

        var random = new SeededRandom(seed);
        var draws = new double[resamples];
        var window = new double[pair.Current.Count];
        for (var b = 0; b < resamples; b++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < window.Length; i++)
            {
                window[i] = pair.Reference.Sorted[random.NextInt(pair.Reference.Count)];
            }

            draws[b] = distance(new(pair.Reference, NumericSample.Create(window))).Statistic ?? double.NaN;
        }

        var limit = NumericSample.Create(draws).Quantile(1 - alpha);
        return new(rule, observed, limit, value > limit);
    }
}
