using CsCheck;
using MLOpsLearn.Statistics.Distributions;
using Xunit;

namespace MLOpsLearn.Statistics.Tests.Properties;

public sealed class TailPropertyTests
{
    [Fact]
    public void Normal_tail_equals_its_integral() => Gen.Double[0, 8].Sample(z => Samples.Close(
        1,
        UpperTail.Normal(z) / BruteForce.Integrate(x => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI), z, z + 12),
        1e-10));

    [Fact]
    public void Chi_squared_tail_equals_its_integral() => Gen.Select(Gen.Int[2, 60], Gen.Double[0.1, 150]).Sample(
        (degrees, x) => Samples.Close(
            BruteForce.Integrate(
                t => Math.Exp((degrees / 2.0 - 1) * Math.Log(t) - t / 2 - degrees / 2.0 * Math.Log(2) - Gamma.Log(degrees / 2.0)), x, x + 400),
            UpperTail.ChiSquared(x, degrees),
            1e-9),
        iter: 60);

    [Fact]
    public void Student_tail_equals_its_integral() => Gen.Select(Gen.Int[2, 200], Gen.Double[0, 6]).Sample(
        (degrees, t) =>
        {
            var scale = Math.Exp(Gamma.Log((degrees + 1) / 2.0) - Gamma.Log(degrees / 2.0)) / Math.Sqrt(degrees * Math.PI);
            var inside = BruteForce.Integrate(x => scale * Math.Pow(1 + x * x / degrees, -(degrees + 1) / 2.0), 0, t);
            return Samples.Close(1 - 2 * inside, UpperTail.StudentTwoSided(t, degrees), 1e-9);
        },
        iter: 60);

    [Theory]
    [InlineData(0.975, 10, 2.2281388519649385)]
    [InlineData(0.99865, 9, 4.0942)]
    public void Student_quantile_inverts_the_tail(double probability, double degrees, double expected) =>
        Assert.Equal(expected, UpperTail.StudentQuantile(probability, degrees), 3);

    [Theory]
    [InlineData(10, 7.619853024160527e-24)]
    [InlineData(30, 4.906713927148187e-198)]
    public void Small_tails_keep_their_digits(double z, double expected) =>
        Assert.True(Samples.Close(1, UpperTail.Normal(z) / expected, 1e-9));

    [Theory]
    [InlineData(100_000, 1.5)]
    [InlineData(200_000, 3)]
    [InlineData(300_000, 15)]
    public void Every_k_th_term_of_the_one_sided_sum_gives_the_same_sum(int n, double scaled)
    {
        var x = Math.Sqrt(scaled * scaled / n);
        Assert.True(Samples.Close(1, SmirnovDistribution.OneSided(n, x) / SmirnovDistribution.OneSided(n, x, n), 1e-10));
    }

    [Fact]
    public void Smirnov_law_is_a_falling_tail_across_all_its_formulas() => Gen.Select(Gen.Int[1, 3000], Gen.Double[0.0, 1.0]).Sample((n, x) =>
    {
        double here = SmirnovDistribution.Upper(x, n), further = SmirnovDistribution.Upper(x + 0.01, n);
        return here is >= 0 and <= 1 && further <= here + 1e-9;
    });
}
