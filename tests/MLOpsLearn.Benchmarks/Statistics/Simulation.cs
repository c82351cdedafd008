using System.Globalization;
using MLOpsLearn.Statistics;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>
/// How often the default drift rule alarms without drift, and how often it finds a small one. Seeded: the same tables each time. Ends with
/// an error when a rate is above the promised 5 % by more than four standard errors, or the promised power is not reached.
/// </summary>
internal static class Simulation
{
    private const double Promised = 0.05;
    private static readonly int[] Windows = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000];
    private static readonly DriftOptions Serial = new() { DegreeOfParallelism = 1 };
    private static bool s_kept = true;

    public static int Run()
    {
        Console.WriteLine($"| one column, no drift | {string.Join(" | ", Windows.Select(m => m.ToString("N0", CultureInfo.InvariantCulture)))} |");
        Console.WriteLine($"|---|{string.Concat(Windows.Select(_ => "---|"))}");
        foreach (var (name, draw) in Draws.Numbers)
        {
            Row(name, (random, count) => [DriftColumn.Numeric("x", Draws.Array(random, count, draw))]);
        }

        foreach (var categories in Draws.Categories)
        {
            Row($"{categories} categories", (random, count) => [Draws.Category("x", random, count, categories)]);
        }

        Row("15 normal columns, any", (random, count) => Table(random, count, 0));
        Console.WriteLine();
        Power();
        Console.WriteLine();
        RuleSimulation.Run(Windows[..4]);
        Console.WriteLine(s_kept ? "All promises kept." : "A PROMISE IS BROKEN.");
        return s_kept ? 0 : 1;
    }

    internal static int Count(int runs, Func<int, bool> alarm)
    {
        var alarms = 0;
        Parallel.For(0, runs, seed => Interlocked.Add(ref alarms, alarm(seed) ? 1 : 0));
        return alarms;
    }

    internal static string Rate(int count, int runs) => FormattableString.Invariant($"{100.0 * count / runs:0.0} %");

    private static void Row(string name, Func<Random, int, DriftColumn[]> table)
    {
        var cells = Windows.Select(window =>
        {
            int reference = Math.Max(5000, window), runs = window <= 1000 ? 1000 : window <= 5000 ? 200 : window <= 20_000 ? 100 : 40;
            var alarms = Count(runs, seed => DriftReport.Compare(
                table(new Mixer(2 * seed), reference), table(new Mixer(2 * seed + 1), window), Serial).Drifted);
            s_kept &= alarms <= runs * Promised + 4 * Math.Sqrt(runs * Promised * (1 - Promised));
            return Rate(alarms, runs);
        });
        Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
    }

    private static void Power()
    {
        Console.WriteLine("| rows of reference and window | shift of one of 15 columns | found | a clean column called drifted |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var rows in (int[])[1000, 2000, 5000])
        {
            foreach (var shift in (double[])[0.1, 0.2, 0.3])
            {
                const int runs = 200;
                var wrong = 0;
                var found = Count(runs, seed =>
                {
                    var report = DriftReport.Compare(Table(new Mixer(2 * seed), rows, 0), Table(new Mixer(2 * seed + 1), rows, shift), Serial);
                    Interlocked.Add(ref wrong, report.Columns.Skip(1).Count(column => column.Drifted));
                    return report.Columns[0].Drifted;
                });
                s_kept &= rows != 2000 || shift != 0.2 || found >= 0.9 * runs;
                Console.WriteLine(FormattableString.Invariant($"| {rows:N0} | {shift} σ | {Rate(found, runs)} | {(double)wrong / runs / 14:P2} |"));
            }
        }
    }

    private static DriftColumn[] Table(Random random, int count, double shift) => [.. Enumerable.Range(0, 15).Select(i =>
        DriftColumn.Numeric($"x{i}", Draws.Array(random, count, r => Draws.Normal(r) + (i == 0 ? shift : 0))))];
}
