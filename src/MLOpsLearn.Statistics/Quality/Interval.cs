using MLOpsLearn.Statistics.Distributions;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Statistics.Quality;

/// <summary>A confidence interval with the identity of its method. Undefined (too_few) below 30 labelled rows, for areas below 10 of a class.</summary>
/// <param name="Method">Method identity, the confidence included.</param>
/// <param name="Lower">Lower end; null when undefined.</param>
/// <param name="Upper">Upper end; null when undefined.</param>
/// <param name="Undefined">Set exactly when there is no interval.</param>
public sealed record Interval(string Method, double? Lower, double? Upper, UndefinedReason? Undefined = null)
{
    private const int FewestRows = 30;
    private const int FewestOfClass = 10;

    /// <summary>
    /// Interval of a share (Wilson 1927): centre (k + z^2/2) / (n + z^2), half width z / (n + z^2) sqrt(k (n - k) / n + z^2/4).
    /// </summary>
    /// <param name="successes">k.</param>
    /// <param name="trials">n; 0 is undefined.</param>
    /// <param name="labelledRows">Rows that the measure was taken on.</param>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    public static Interval Wilson(double successes, double trials, long labelledRows, double level = 0.95)
    {
        var (method, z) = Named("wilson", level);
        if (labelledRows < FewestRows || !(trials > 0))
        {
            return new(method, null, null, UndefinedReason.TooFew);
        }

        double square = z * z, centre = (successes + square / 2) / (trials + square);
        var half = z / (trials + square) * Math.Sqrt(Math.Max(0, successes * (trials - successes) / trials) + square / 4);
        return new(method, successes > 0 ? Math.Max(0, centre - half) : 0, successes < trials ? Math.Min(1, centre + half) : 1);
    }

    /// <summary>
    /// Interval of an area under the ROC curve A (Hanley and McNeil 1982): A +- z s with
    /// s^2 = (A (1 - A) + (P - 1)(Q1 - A^2) + (N - 1)(Q2 - A^2)) / (P N), Q1 = A / (2 - A), Q2 = 2 A^2 / (1 + A), clipped to 0..1.
    /// </summary>
    /// <param name="auc">The area; null is undefined.</param>
    /// <param name="positives">P.</param>
    /// <param name="negatives">N.</param>
    /// <param name="level">Confidence, above 0 and below 1.</param>
    public static Interval HanleyMcNeil(double? auc, long positives, long negatives, double level = 0.95)
    {
        var (method, z) = Named("hanley-mcneil", level);
        if (auc is not { } a || TooFew(positives, negatives))
        {
            return new(method, null, null, UndefinedReason.TooFew);
        }

        double p = positives, n = negatives, square = a * a;
        var variance = (a * (1 - a) + (p - 1) * (a / (2 - a) - square) + (n - 1) * (2 * square / (1 + a) - square)) / (p * n);
        var half = z * Math.Sqrt(Math.Max(0, variance));
        return new(method, Math.Max(0, a - half), Math.Min(1, a + half));
    }

    internal static Interval BootstrapAuc(
        double[] scores, double[] truth, double level, int resamples, ulong seed, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 200);
        var (method, _) = Named(FormattableString.Invariant($"stratified-bootstrap(B={resamples},seed={seed})"), level);
        double[] positives = [.. scores.Where((_, i) => truth[i] == 1)], negatives = [.. scores.Where((_, i) => truth[i] != 1)];
        if (TooFew(positives.Length, negatives.Length))
        {
            return new(method, null, null, UndefinedReason.TooFew);
        }

        var random = new SeededRandom(seed);
        var areas = new double[resamples];
        double[] outcome = [.. Enumerable.Repeat(1.0, positives.Length), .. Enumerable.Repeat(0.0, negatives.Length)];
        var drawn = new double[outcome.Length];
        for (var b = 0; b < resamples; b++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < drawn.Length; i++)
            {
                drawn[i] = i < positives.Length ? positives[random.NextInt(positives.Length)] : negatives[random.NextInt(negatives.Length)];
            }

            areas[b] = new ScoreCurve(drawn, outcome).RocAuc()!.Value;
        }

        var sorted = NumericSample.Create(areas);
        return new(method, sorted.Quantile((1 - level) / 2), sorted.Quantile((1 + level) / 2));
    }

    private static bool TooFew(long positives, long negatives) =>
        positives + negatives < FewestRows || Math.Min(positives, negatives) < FewestOfClass;

    private static (string Method, double Z) Named(string name, double level)
    {
        if (!(level > 0 && level < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "A confidence lies above 0 and below 1.");
        }

        var method = name[^1] == ')' ? FormattableString.Invariant($"{name[..^1]},level={level})") : FormattableString.Invariant($"{name}(level={level})");
        return (method, UpperTail.NormalQuantile((1 + level) / 2));
    }
}
