using MLOpsLearn.Statistics;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>The distributions of the simulations.</summary>
internal static class Draws
{
    public static readonly (string Name, Func<Random, double> Draw)[] Numbers =
    [
        ("normal", Normal),
        ("lognormal", static random => Math.Exp(Normal(random))),
        ("Poisson(4)", Poisson),
        ("zero-inflated (60 % zeros)", static random => random.NextDouble() < 0.6 ? 0 : -Math.Log(1 - random.NextDouble())),
        ("Cauchy", static random => Math.Tan(Math.PI * (random.NextDouble() - 0.5))),
        ("Student, 3 degrees", static random => Normal(random) / Math.Sqrt((Square(random) + Square(random) + Square(random)) / 3)),
    ];

    public static readonly int[] Categories = [2, 5, 10, 20, 50, 100, 200];

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static double[] Array(Random random, int count, Func<Random, double> draw)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = draw(random);
        }

        return values;
    }

    /// <summary>Shares fall like 1 / rank: rare categories are what makes tests lie.</summary>
    public static DriftColumn Category(string name, Random random, int count, int categories)
    {
        var limits = new double[categories];
        for (var i = 0; i < categories; i++)
        {
            limits[i] = (i == 0 ? 0 : limits[i - 1]) + 1.0 / (i + 1);
        }

        var codes = new int[count];
        for (var i = 0; i < count; i++)
        {
            var found = System.Array.BinarySearch(limits, random.NextDouble() * limits[^1]);
            codes[i] = Math.Min(categories - 1, found < 0 ? ~found : found);
        }

        return DriftColumn.Categorical(name, codes, [.. Enumerable.Range(0, categories).Select(i => $"k{i}")]);
    }

    private static double Square(Random random) => Normal(random) is var z ? z * z : 0;

    private static double Poisson(Random random)
    {
        var (count, product) = (0, random.NextDouble());
        while (product > Math.Exp(-4))
        {
            count++;
            product *= random.NextDouble();
        }

        return count;
    }
}
