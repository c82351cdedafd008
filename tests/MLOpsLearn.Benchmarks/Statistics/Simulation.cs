using System.Globalization;
using MLOpsLearn.Statistics;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>How often the default drift rule alarms without drift, and how often it finds a small one. Seeded: the same tables each time.</summary>
internal static class Simulation
{
    private static readonly int[] Windows = [50, 100, 200, 500, 1000, 5000, 20_000, 100_000];

    private static readonly (string Name, Func<Random, double> Draw)[] Numbers =
    [
        ("normal", Normal),
        ("lognormal", random => Math.Exp(Normal(random))),
        ("Poisson(4)", Poisson),
        ("zero-inflated (60 % zeros)", random => random.NextDouble() < 0.6 ? 0 : -Math.Log(1 - random.NextDouble())),
        ("Cauchy", random => Math.Tan(Math.PI * (random.NextDouble() - 0.5))),
    ];

    public static int Run()
    {
        Console.WriteLine($"| one column, no drift | {string.Join(" | ", Windows.Select(m => m.ToString("N0", CultureInfo.InvariantCulture)))} |");
        Console.WriteLine($"|---|{string.Concat(Windows.Select(_ => "---|"))}");
        foreach (var (name, draw) in Numbers)
        {
            Row(name, (random, count) => [DriftColumn.Numeric("x", Array(random, count, draw))]);
        }

        foreach (var categories in (int[])[2, 5, 50, 200])
        {
            // Shares fall like 1 / rank: rare categories are what makes tests lie.
            var total = Enumerable.Range(1, categories).Sum(rank => 1.0 / rank);
            Row($"{categories} categories", (random, count) => [Categories("x", random, count, categories, total)]);
        }

        Row("15 normal columns, any", (random, count) => Table(random, count, 0));
        Console.WriteLine();
        Power();
        return 0;
    }

    private static void Row(string name, Func<Random, int, DriftColumn[]> table)
    {
        var cells = Windows.Select(window =>
        {
            int reference = Math.Max(5000, window), runs = window <= 1000 ? 1000 : window <= 5000 ? 400 : 100;
            var alarms = Count(runs, seed => DriftReport.Compare(
                table(new Mixer(2 * seed), reference), table(new Mixer(2 * seed + 1), window), new() { DegreeOfParallelism = 1 }).Drifted);
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
                const int runs = 500;
                var wrong = 0;
                var found = Count(runs, seed =>
                {
                    var report = DriftReport.Compare(Table(new Mixer(2 * seed), rows, 0), Table(new Mixer(2 * seed + 1), rows, shift), new() { DegreeOfParallelism = 1 });
                    Interlocked.Add(ref wrong, report.Columns.Skip(1).Count(column => column.Drifted));
                    return report.Columns[0].Drifted;
                });
                Console.WriteLine(FormattableString.Invariant($"| {rows:N0} | {shift} σ | {Rate(found, runs)} | {(double)wrong / runs / 14:P2} |"));
            }
        }
    }

    private static int Count(int runs, Func<int, bool> alarm)
    {
        var alarms = 0;
        Parallel.For(0, runs, seed => Interlocked.Add(ref alarms, alarm(seed) ? 1 : 0));
        return alarms;
    }

    private static string Rate(int count, int runs) => FormattableString.Invariant($"{100.0 * count / runs:0.0} %");

    private static DriftColumn[] Table(Random random, int count, double shift) =>
        [.. Enumerable.Range(0, 15).Select(i => DriftColumn.Numeric($"x{i}", Array(random, count, r => Normal(r) + (i == 0 ? shift : 0))))];

    private static double[] Array(Random random, int count, Func<Random, double> draw)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = draw(random);
        }

        return values;
    }

    private static DriftColumn Categories(string name, Random random, int count, int categories, double total)
    {
        var codes = new int[count];
        for (var i = 0; i < count; i++)
        {
            var rest = random.NextDouble() * total;
            while ((rest -= 1.0 / (codes[i] + 1)) > 0 && codes[i] < categories - 1)
            {
                codes[i]++;
            }
        }

        return DriftColumn.Categorical(name, codes, [.. Enumerable.Range(0, categories).Select(i => $"k{i}")]);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

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

    // The framework's seeded generator gives related streams for neighbouring seeds; this one (SplitMix64) does not.
    private sealed class Mixer : Random
    {
        private ulong _state;

        public Mixer(int seed)
        {
            _state = (ulong)seed * 0xD1342543DE82EF95;
            _state = Next64();
        }

        public override double NextDouble() => (Next64() >> 11) * (1.0 / (1UL << 53));

        private ulong Next64()
        {
            _state += 0x9E3779B97F4A7C15;
            var z = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
