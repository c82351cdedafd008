namespace MLOpsLearn.Statistics.Tests.Properties;

/// <summary>Second implementations, written from the definitions: slow, obvious, and sharing no code with the library.</summary>
internal static class BruteForce
{
    public static double Share(double[] sample, Func<double, bool> condition) => (double)sample.Count(condition) / sample.Length;

    public static double KsDistance(double[] r, double[] c) =>
        r.Concat(c).Max(z => Math.Abs(Share(r, x => x <= z) - Share(c, x => x <= z)));

    public static double Integral(double[] r, double[] c, Func<double, double> of)
    {
        var points = r.Concat(c).Distinct().Order().ToArray();
        return points.Zip(points.Skip(1), (a, b) => of(Share(r, x => x <= a) - Share(c, x => x <= a)) * (b - a)).Sum();
    }

    public static double EnergyByPairs(double[] r, double[] c)
    {
        static double Mean(double[] a, double[] b) => a.Average(x => b.Average(y => Math.Abs(x - y)));
        return Math.Sqrt(Math.Max(0, 2 * Mean(r, c) - Mean(r, r) - Mean(c, c)));
    }

    public static double U(double[] r, double[] c) => r.Sum(x => c.Sum(y => x > y ? 1 : x == y ? 0.5 : 0));

    public static double Midrank(double[] pool, double x) => pool.Count(v => v < x) + (pool.Count(v => v == x) + 1) / 2.0;

    public static double CramerVonMises(double[] r, double[] c)
    {
        double[] pool = [.. r, .. c];
        double n = r.Length, m = c.Length, total = n + m;
        static double Squares(double[] side, double[] pool) =>
            side.Order().Select((x, i) => Math.Pow(Midrank(pool, x) - (i + 1), 2)).Sum();
        var u = n * Squares(r, pool) + m * Squares(c, pool);
        return u / (n * m * total) - (4 * n * m - 1) / (6 * total);
    }

    public static double AndersonDarling(double[] r, double[] c)
    {
        double[] pool = [.. r, .. c];
        double total = pool.Length, sum = 0;
        foreach (var side in (double[][])[r, c])
        {
            var inner = pool.Distinct().Sum(z =>
            {
                double l = pool.Count(v => v == z), b = pool.Count(v => v < z) + l / 2;
                var m = side.Count(v => v <= z) - side.Count(v => v == z) / 2.0;
                return l / total * Math.Pow(total * m - side.Length * b, 2) / (b * (total - b) - total * l / 4);
            });
            sum += inner / side.Length;
        }

        var a = (total - 1) / total * sum;
        double inverse = 1.0 / r.Length + 1.0 / c.Length, h = 0, g = 0;
        for (var i = 1; i < total; i++)
        {
            h += 1.0 / i;
            for (var j = i + 1; j < total; j++)
            {
                g += 1 / ((total - i) * j);
            }
        }

        var ca = 4 * g - 6 + (10 - 6 * g) * inverse;
        var cb = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
        var cc = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverse + 4 * h;
        var cd = (2 * h + 6) * 4 - 8 * h;
        var variance = (ca * total * total * total + cb * total * total + cc * total + cd) / ((total - 1) * (total - 2) * (total - 3));
        return (a - 1) / Math.Sqrt(variance);
    }

    /// <summary>Share of all splits of the pool into the two sizes whose statistic is at least the observed one.</summary>
    public static double ExactPValue(double[] r, double[] c, Func<double[], double[], double> statistic)
    {
        double[] pool = [.. r, .. c];
        var observed = statistic(r, c);
        long extreme = 0, all = 0;
        for (var mask = 0; mask < 1 << pool.Length; mask++)
        {
            if (System.Numerics.BitOperations.PopCount((uint)mask) == r.Length)
            {
                var picked = mask;
                var left = pool.Where((_, i) => (picked >> i & 1) == 1).ToArray();
                var right = pool.Where((_, i) => (picked >> i & 1) == 0).ToArray();
                all++;
                extreme += statistic(left, right) >= observed - 1e-9 ? 1 : 0;
            }
        }

        return (double)extreme / all;
    }

    public static double Quantile7(double[] values, double q)
    {
        var sorted = values.Order().ToArray();
        var h = (sorted.Length - 1) * q;
        var floor = (int)Math.Floor(h);
        return floor + 1 >= sorted.Length ? sorted[^1] : sorted[floor] + (h - floor) * (sorted[floor + 1] - sorted[floor]);
    }

    public static double PsiByDeciles(double[] r, double[] c)
    {
        var edges = Enumerable.Range(1, 9).Select(i => Quantile7(r, i / 10.0)).Distinct().Order().ToArray();
        var sum = 0.0;
        for (var i = 0; i <= edges.Length; i++)
        {
            bool Inside(double x) => (i == 0 || x > edges[i - 1]) && (i == edges.Length || x <= edges[i]);
            double p = Share(r, Inside), q = Share(c, Inside);
            (p, q) = (p == 0 ? 1e-4 : p, q == 0 ? 1e-4 : q);
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }

    /// <summary>Simpson's rule.</summary>
    public static double Integrate(Func<double, double> f, double from, double to, int steps = 20_000)
    {
        var h = (to - from) / steps;
        var sum = f(from) + f(to);
        for (var i = 1; i < steps; i++)
        {
            sum += f(from + i * h) * (i % 2 == 1 ? 4 : 2);
        }

        return sum * h / 3;
    }
}
