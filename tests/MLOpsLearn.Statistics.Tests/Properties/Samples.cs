using CsCheck;

namespace MLOpsLearn.Statistics.Tests.Properties;

/// <summary>Random samples: smooth ones, ones full of ties, and ones with heavy tails.</summary>
internal static class Samples
{
    // Rounded, so that arithmetic in a test cannot make two different values equal.
    private static readonly Gen<double> Smooth = Gen.Double[-5, 5].Select(x => Math.Round(x, 6) + 0.0);

    public static readonly Gen<double> Value = Gen.OneOf(
        Smooth,
        Gen.Int[-3, 3].Select(i => (double)i),
        Gen.Double[0.01, 0.99].Select(u => Math.Round(Math.Pow(u / (1 - u), 2), 6)));

    /// <summary>Both sides of one kind, so that ties across the sides happen.</summary>
    public static readonly Gen<(double[] Reference, double[] Current)> Pair = Gen.OneOf(
        Of(Smooth), Of(Gen.Int[-3, 3].Select(i => (double)i)), Of(Value));

    /// <summary>Without ties, and small enough to enumerate every split of the pool.</summary>
    public static readonly Gen<(double[] Reference, double[] Current)> TinyPair = Gen.Select(
        Smooth.Array[2, 6], Smooth.Array[2, 6]).Where(pair => pair.Item1.Concat(pair.Item2).Distinct().Count() == pair.Item1.Length + pair.Item2.Length);

    public static bool Close(double expected, double actual, double tolerance = 1e-9) =>
        Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected));

    private static Gen<(double[] Reference, double[] Current)> Of(Gen<double> value) => Gen.Select(value.Array[2, 60], value.Array[2, 60]);
}
