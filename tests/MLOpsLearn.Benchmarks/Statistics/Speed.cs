using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Benchmarks.Statistics;

/// <summary>
/// Each method alone, from raw rows to its p-value, best of five; beside it the reference implementation on the same bytes, best of
/// three. One thread, except where the name says otherwise.
/// </summary>
internal static class Speed
{
    private const int Rows = 1_000_000;

    public static int Run(string[] args)
    {
        var random = new Random(7);
        double[] reference = Lognormal(random, 0), current = Lognormal(random, 0.01);
        int[] left = Codes(random), right = Codes(random);
        var texts = Enumerable.Range(0, 260).Select(i => $"category-{i:000}").ToArray();
        string[] leftTexts = Texts(left, texts), rightTexts = Texts(right, texts);
        CategoryKey[] keys = [.. texts.Select(CategoryKey.Of)];
        var theirs = args is [var python, ..] ? Reference(python, reference, current, left, right) : [];

        Console.WriteLine($"{Environment.ProcessorCount} cores; one is used except where the name says otherwise.");
        var sorts = Line("two-sorts", () => (NumericSample.Create(reference), NumericSample.Create(current)));
        Line("two-sorts", () => (Sorted(reference), Sorted(current)), " by the framework");
        Method("ks", KolmogorovSmirnov.TestAsymptotic);
        Method("wasserstein", TransportDistance.OfWasserstein);
        Method("cvm", CramerVonMises.Test);
        Method("anderson", AndersonDarling.Test);
        Method("mannwhitney", MannWhitney.Test);
        Line("psi", () => BinnedDistance.Psi(reference, current, BinRule.SturgesPooled));
        Line("js", () => BinnedDistance.JensenShannon(reference, current, BinRule.SturgesPooled));
        NumericSample left0 = NumericSample.Create(reference), right0 = NumericSample.Create(current);
        var linear = Line("one walk over both", () => new NumericPair(left0, right0).PooledDistinct);
        var all = Method("all of them", pair =>
        {
            KolmogorovSmirnov.TestAsymptotic(pair);
            TransportDistance.OfWasserstein(pair);
            CramerVonMises.Test(pair);
            AndersonDarling.Test(pair);
            MannWhitney.Test(pair);
            BinnedDistance.Psi(pair, BinRule.SturgesPooled);
            return BinnedDistance.JensenShannon(pair, BinRule.SturgesPooled);
        });
        Console.WriteLine(FormattableString.Invariant($"all of them / (two sorts + one walk) = {all / (sorts + linear):0.00}"));
        Line("cvm", () => CramerVonMises.Test(NumericPair.CreateParallel(reference, current)), ", all cores");
        Line("chi2-texts", () => ChiSquared.Test(new(CategoricalSample.Create(leftTexts), CategoricalSample.Create(rightTexts))));
        Line("chi2-codes", () => ChiSquared.Test(new(CategoricalSample.Create(left, keys), CategoricalSample.Create(right, keys))));
        var coded = Line("chi2-codes", () => ChiSquared.Test(CategoricalPair.CreateParallel(left, keys, right, keys)), ", all cores");
        if (theirs.TryGetValue("chi2-texts", out var onTexts))
        {
            Console.WriteLine(FormattableString.Invariant($"reference on texts / chi2-codes, all cores = {onTexts / coded:0.0}"));
        }

        Streams.Run(reference, current);
        return 0;

        double Method(string name, Func<NumericPair, object> method) => Line(name, () => method(NumericPair.Create(reference, current)));

        double Line<T>(string name, Func<T> work, string note = "")
        {
            var seconds = Best(() => work());
            var comparison = theirs.TryGetValue(name, out var other)
                ? FormattableString.Invariant($"{other,9:0.0000} s  {other / seconds,6:0.0} x")
                : string.Empty;
            Console.WriteLine(FormattableString.Invariant($"{name + note,-28}{seconds,9:0.0000} s  {comparison}"));
            return seconds;
        }
    }

    internal static double Best(Action work)
    {
        var best = double.PositiveInfinity;
        for (var i = 0; i < 5; i++)
        {
            GC.Collect();
            var start = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static Dictionary<string, double> Reference(string python, double[] reference, double[] current, int[] left, int[] right)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-speed-").FullName;
        try
        {
            string[] files = [.. Enumerable.Range(0, 4).Select(i => Path.Combine(folder, $"{i}.bin"))];
            File.WriteAllBytes(files[0], MemoryMarshal.AsBytes(reference.AsSpan()));
            File.WriteAllBytes(files[1], MemoryMarshal.AsBytes(current.AsSpan()));
            File.WriteAllBytes(files[2], MemoryMarshal.AsBytes(left.AsSpan()));
            File.WriteAllBytes(files[3], MemoryMarshal.AsBytes(right.AsSpan()));
            var start = new ProcessStartInfo(python) { RedirectStandardOutput = true };
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Statistics", "reference_speed.py"));
            foreach (var file in files)
            {
                start.ArgumentList.Add(file);
            }

            using var process = Process.Start(start)!;
            var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines.Select(line => line.Split(' ')).ToDictionary(
                parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double[] Sorted(double[] values)
    {
        var copy = (double[])values.Clone();
        Array.Sort(copy);
        return copy;
    }

    private static double[] Lognormal(Random random, double shift) => [.. Enumerable.Range(0, Rows).Select(_ => Math.Exp(
        shift + Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static int[] Codes(Random random) => [.. Enumerable.Range(0, Rows).Select(_ => (int)(random.NextDouble() * random.NextDouble() * 260))];

    // As rows come from a file: equal texts are different objects.
    private static string[] Texts(int[] codes, string[] texts) => Array.ConvertAll(codes, code => new string(texts[code].AsSpan()));
}
