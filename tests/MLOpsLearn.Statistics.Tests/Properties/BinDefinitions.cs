namespace MLOpsLearn.Statistics.Tests.Properties;

/// <summary>Bins and divergences once more, literally from the text of the reference.</summary>
internal static class BinDefinitions
{
    /// <summary>Counts of both sides by the rule of that name.</summary>
    public static (double[] R, double[] C) Counts(string rule, double[] r, double[] c)
    {
        double[] pool = [.. r, .. c];
        switch (rule)
        {
            case "sturges-pooled" when r.Distinct().Count() <= 20:
                double[] values = [.. pool.Distinct().Order()];
                return ([.. values.Select(v => (double)r.Count(x => x == v))], [.. values.Select(v => (double)c.Count(x => x == v))]);
            case "sturges-pooled":
                return Equal(Edges(pool.Min(), pool.Max(), Math.Ceiling(Range(pool) / (Range(pool) / (Math.Log2(pool.Length) + 1)))), r, c);
            case "sturges-unique":
                return Equal(Edges(pool.Min(), pool.Max(), Math.Ceiling(Range(pool) / (Range(pool) / (Math.Log2(pool.Distinct().Count()) + 1)))), r, c);
            case "doane-ref":
                var edges = Edges(r.Min(), r.Max(), DoaneBins(r));
                var (left, right) = Equal(edges, r, c);
                double outside = c.Count(x => x < edges[0] || x > edges[^1]);
                return outside == 0 ? (left, right) : ([.. left, 0], [.. right, outside]);
            case "ref-deciles":
                double[] cuts = [.. Enumerable.Range(1, 9).Select(i => BruteForce.Quantile7(r, i / 10.0)).Distinct().Order()];
                double[] Split(double[] x) => [.. Enumerable.Range(0, cuts.Length + 1).Select(i =>
                    (double)x.Count(v => (i == 0 || v > cuts[i - 1]) && (i == cuts.Length || v <= cuts[i])))];
                return (Split(r), Split(c));
            default:
                throw new ArgumentException(rule);
        }
    }

    public static double Divergence(string name, string fill, double[] r, double[] c)
    {
        double[] p = [.. r.Select(x => x / r.Sum())], q = [.. c.Select(x => x / c.Sum())];
        return name switch
        {
            "psi" => Psi(Filled(p, fill), Filled(q, fill)),
            "kl" => Kl(Normalised(Filled(p, fill)), Normalised(Filled(q, fill))),
            "js" => JensenShannon(p, q),
            "hellinger" => Math.Sqrt(1 - Math.Min(1, p.Zip(q, (a, b) => Math.Sqrt(a * b)).Sum())),
            _ => throw new ArgumentException(name),
        };
    }

    private static double Psi(double[] p, double[] q) => p.Zip(q, (a, b) => (a - b) * Math.Log(a / b)).Sum();

    private static double Kl(double[] p, double[] q) => p.Zip(q, (a, b) => a == 0 ? 0 : a * Math.Log(a / b)).Sum();

    private static double JensenShannon(double[] p, double[] q)
    {
        double[] middle = [.. p.Zip(q, (a, b) => (a + b) / 2)];
        return Math.Sqrt(Math.Max(0, (Kl(p, middle) + Kl(q, middle)) / 2));
    }

    private static double[] Normalised(double[] p) => [.. p.Select(x => x / p.Sum())];

    private static double[] Filled(double[] p, string fill)
    {
        var smallest = p.Where(x => x > 0).Min();
        var zero = fill == "adaptive-1e-4" && smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
        return [.. p.Select(x => x == 0 ? zero : x)];
    }

    private static double Range(double[] x) => x.Max() - x.Min();

    private static double DoaneBins(double[] r)
    {
        double n = r.Length, deviation = NumericDefinitions.PopulationDeviation(r), mean = NumericDefinitions.Mean(r);
        if (n <= 2 || Range(r) == 0)
        {
            return 1;
        }

        var sg1 = Math.Sqrt(6 * (n - 2) / ((n + 1) * (n + 3)));
        var g1 = r.Average(x => Math.Pow((x - mean) / deviation, 3));
        var width = Range(r) / (1 + Math.Log2(n) + Math.Log2(1 + Math.Abs(g1) / sg1));
        return Math.Ceiling(Range(r) / width);
    }

    private static double[] Edges(double low, double high, double bins)
    {
        if (low == high)
        {
            return [low - 0.5, high + 0.5];
        }

        var k = (int)bins;
        return [.. Enumerable.Range(0, k).Select(i => low + i * ((high - low) / k)), high];
    }

    private static (double[] R, double[] C) Equal(double[] edges, double[] r, double[] c)
    {
        double[] Split(double[] x) => [.. Enumerable.Range(0, edges.Length - 1).Select(i =>
            (double)x.Count(v => v >= edges[i] && (v < edges[i + 1] || (i == edges.Length - 2 && v == edges[i + 1]))))];
        return (Split(r), Split(c));
    }
}
