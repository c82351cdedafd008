using System.Globalization;
using MLOpsLearn.Statistics.Estimation;
using MLOpsLearn.Statistics.Numeric;
using MLOpsLearn.Statistics.Verdicts;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>How often the other verdict rules alarm without drift: Wasserstein distance of normal columns, reference of 20 windows.</summary>
internal static class RuleSimulation
{
    private const int Runs = 200;

    public static void Run(int[] windows)
    {
        Console.WriteLine($"| rule, no drift | {string.Join(" | ", windows.Select(m => m.ToString("N0", CultureInfo.InvariantCulture)))} |");
        Console.WriteLine($"|---|{string.Concat(windows.Select(_ => "---|"))}");
        Row("permutation (B=199)", windows, static (r, c) =>
            PermutationTest.Test(NumericPair.Create(r, c), TransportDistance.OfWasserstein, permutations: 199).Drifted == true);
        Row("reference-chunks(loo), 20 chunks", windows, static (r, c) => ReferenceChunkRule.Judge(r, c, TransportDistance.OfWasserstein).Drifted == true);
        Row("reference-chunks(in), 20 chunks", windows, static (r, c) =>
            ReferenceChunkRule.Judge(r, c, TransportDistance.OfWasserstein, leaveOneOut: false).Drifted == true);
        Row("bootstrap-quantile (B=500)", windows, static (r, c) =>
            BootstrapQuantileRule.Judge(NumericPair.Create(r, c), TransportDistance.OfWasserstein).Drifted == true, Runs / 3);
        Row("threshold: W1 / std >= 0.1", windows, static (r, c) =>
            ThresholdRule.Judge(TransportDistance.OfWassersteinNormalised(NumericPair.Create(r, c)), 0.1, c.Length).Drifted == true);
        Row("domain classifier, 2 columns", windows, static (r, c) => DomainClassifier.Test(Halves(r), Halves(c)).Drifted == true, Runs / 3);
    }

    private static void Row(string name, int[] windows, Func<double[], double[], bool> alarm, int runs = Runs)
    {
        var cells = windows.Select(window => Simulation.Rate(
            Simulation.Count(runs, seed => alarm(
                Draws.Array(new Mixer(2 * seed), 20 * window, Draws.Normal), Draws.Array(new Mixer(2 * seed + 1), window, Draws.Normal))),
            runs));
        Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
    }

    private static double[][] Halves(double[] values) => [.. Enumerable.Range(0, values.Length / 2).Select(i => new[] { values[2 * i], values[2 * i + 1] })];
}
