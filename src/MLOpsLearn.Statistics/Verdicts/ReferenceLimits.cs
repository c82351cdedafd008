using MLOpsLearn.Statistics.Distributions;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Verdicts;

/// <summary>
/// Limits from the values of a statistic over chunks of the reference of equal size to the window. Undefined chunks are left out
/// before. Three standard deviations of only ten chunks alarm on 3 to 8 % of clean windows; the Student limits keep the promise.
/// </summary>
/// <param name="Mean">Mean over the chunks.</param>
/// <param name="Deviation">Standard deviation used.</param>
/// <param name="Factor">Deviations between mean and limit.</param>
/// <param name="Lower">Lower limit after clamping.</param>
/// <param name="Upper">Upper limit after clamping.</param>
public sealed record ReferenceLimits(double Mean, double Deviation, double Factor, double Lower, double Upper)
{
    /// <summary>Mean +- <paramref name="factor"/> population standard deviations; null without chunks.</summary>
    /// <param name="chunks">Values over the chunks; NaN is left out.</param>
    /// <param name="factor">Deviations between mean and limit.</param>
    /// <param name="floor">Smallest value the statistic can take.</param>
    /// <param name="ceiling">Largest value the statistic can take.</param>
    public static ReferenceLimits? Population(
        ReadOnlySpan<double> chunks,
        double factor = 3,
        double floor = double.NegativeInfinity,
        double ceiling = double.PositiveInfinity)
    {
        var moments = Valid(chunks);
        return moments.Count == 0 ? null : Build(moments.Mean, moments.StandardDeviationPopulation, factor, floor, ceiling);
    }

    /// <summary>
    /// Mean +- t(0.99865, k - 1) sqrt(1 + 1/k) sample standard deviations: the honest form of three deviations when there are fewer
    /// than 30 chunks. Null below two chunks.
    /// </summary>
    public static ReferenceLimits? Student(
        ReadOnlySpan<double> chunks, double floor = double.NegativeInfinity, double ceiling = double.PositiveInfinity)
    {
        var moments = Valid(chunks);
        if (moments.Count < 2)
        {
            return null;
        }

        // 0.99865... is the share of a normal law below three standard deviations.
        var factor = UpperTail.StudentQuantile(1 - UpperTail.Normal(3), moments.Count - 1) * Math.Sqrt(1 + 1.0 / moments.Count);
        return Build(moments.Mean, moments.StandardDeviationSample, factor, floor, ceiling);
    }

    /// <summary>Whether a value lies outside. Chunks without spread leave a tolerance of 1e-12 of their value.</summary>
    public bool IsOutside(double value)
    {
        var slack = Deviation == 0 ? 1e-12 * Math.Max(1, Math.Abs(Mean)) : 0;
        return value < Lower - slack || value > Upper + slack;
    }

    private static Moments Valid(ReadOnlySpan<double> chunks)
    {
        var valid = new List<double>(chunks.Length);
        foreach (var value in chunks)
        {
            if (double.IsFinite(value))
            {
                valid.Add(value);
            }
        }

        return Moments.Of([.. valid]);
    }

    private static ReferenceLimits Build(double mean, double deviation, double factor, double floor, double ceiling) =>
        new(mean, deviation, factor, Math.Max(floor, mean - factor * deviation), Math.Min(ceiling, mean + factor * deviation));
}
