using System.Numerics;

namespace MLOpsLearn.Statistics.Tests.Properties;

/// <summary>Numeric methods once more, literally from the text of the reference: slow, obvious, and sharing no code with the library.</summary>
internal static class NumericDefinitions
{
    public static double Mean(double[] x) => x.Sum() / x.Length;

    public static double PopulationDeviation(double[] x) => Math.Sqrt(x.Sum(v => Math.Pow(v - Mean(x), 2)) / x.Length);

    public static double SampleVariance(double[] x) => x.Sum(v => Math.Pow(v - Mean(x), 2)) / (x.Length - 1);

    public static (double T, double Degrees) PooledT(double[] r, double[] c)
    {
        double n = r.Length, m = c.Length;
        var variance = ((n - 1) * SampleVariance(r) + (m - 1) * SampleVariance(c)) / (n + m - 2);
        return ((Mean(r) - Mean(c)) / Math.Sqrt(variance * (1 / n + 1 / m)), n + m - 2);
    }

    public static (double T, double Degrees) WelchT(double[] r, double[] c)
    {
        double a = SampleVariance(r) / r.Length, b = SampleVariance(c) / c.Length;
        return ((Mean(r) - Mean(c)) / Math.Sqrt(a + b), (a + b) * (a + b) / (a * a / (r.Length - 1) + b * b / (c.Length - 1)));
    }

    public static double CohenD(double[] r, double[] c) =>
        (Mean(c) - Mean(r)) / Math.Sqrt(((r.Length - 1) * SampleVariance(r) + (c.Length - 1) * SampleVariance(c)) / (r.Length + c.Length - 2));

    /// <summary>Two-sided p of Student's t, the density integrated over x = tan(u).</summary>
    public static double StudentP(double t, double degrees)
    {
        double Density(double u)
        {
            var x = Math.Sqrt(degrees) * Math.Tan(u);
            return Math.Pow(1 + x * x / degrees, -(degrees + 1) / 2) * Math.Sqrt(degrees) / Math.Pow(Math.Cos(u), 2);
        }

        var end = Math.PI / 2 - 1e-9;
        var from = Math.Atan(Math.Abs(t) / Math.Sqrt(degrees));
        return BruteForce.Integrate(Density, from, end) / BruteForce.Integrate(Density, 0, end);
    }

    public static double NormalTail(double z) => z < 0
        ? 1 - NormalTail(-z)
        : BruteForce.Integrate(x => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI), z, z + 12);

    public static double MannWhitneyNormalP(double[] r, double[] c, bool less)
    {
        double n = r.Length, m = c.Length, total = n + m, u1 = BruteForce.U(r, c), u2 = n * m - u1;
        var ties = r.Concat(c).GroupBy(x => x).Sum(g => Math.Pow(g.Count(), 3) - g.Count());
        var s = Math.Sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))));
        if (s == 0)
        {
            return 1;
        }

        var z = ((less ? u2 : Math.Max(u1, u2)) - n * m / 2 - 0.5) / s;
        return Math.Min(1, (less ? 1 : 2) * NormalTail(z));
    }

    /// <summary>W and the covariance's inverse by elimination; only for samples whose covariance has full rank.</summary>
    public static double EppsSingleton(double[] r, double[] c)
    {
        double[] pool = [.. r, .. c];
        double n = r.Length, m = c.Length, total = n + m;
        var sigma = (BruteForce.Quantile7(pool, 0.75) - BruteForce.Quantile7(pool, 0.25)) / 2;
        double[] Row(double x) => [Math.Cos(0.4 / sigma * x), Math.Cos(0.8 / sigma * x), Math.Sin(0.4 / sigma * x), Math.Sin(0.8 / sigma * x)];
        double[][] left = [.. r.Select(Row)], right = [.. c.Select(Row)];
        double Average(double[][] rows, int k) => rows.Average(row => row[k]);
        double Covariance(double[][] rows, int i, int j) => rows.Average(row => (row[i] - Average(rows, i)) * (row[j] - Average(rows, j)));
        var d = Enumerable.Range(0, 4).Select(k => Average(left, k) - Average(right, k)).ToArray();
        var s = new double[4, 5];
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                s[i, j] = total / n * Covariance(left, i, j) + total / m * Covariance(right, i, j);
            }

            s[i, 4] = d[i];
        }

        var w = total * Solve(s).Zip(d, (a, b) => a * b).Sum();
        return Math.Max(n, m) < 25 ? w / (1 + Math.Pow(total, -0.45) + 10.1 * (Math.Pow(n, -1.7) + Math.Pow(m, -1.7))) : w;
    }

    /// <summary>P(D_n &gt;= x) by Steck's determinant, in rational-free but long arithmetic; n up to about 15.</summary>
    public static double KsTail(int n, double x)
    {
        // P(a_i < U_(i) < b_i for all i) = n! det[(b_i - a_j)_+^(j - i + 1) / (j - i + 1)!], a_i = i/n - x, b_i = (i - 1)/n + x.
        var matrix = new decimal[n, n];
        var factorial = 1m;
        for (var i = 1; i <= n; i++)
        {
            factorial *= i;
            for (var j = 1; j <= n; j++)
            {
                var gap = Math.Min(1, (i - 1m) / n + (decimal)x) - Math.Max(0, (decimal)j / n - (decimal)x);
                matrix[i - 1, j - 1] = j - i + 1 < 0 || gap <= 0 ? 0 : Power(gap, j - i + 1) / Factorial(j - i + 1);
            }
        }

        return 1 - (double)(factorial * Determinant(matrix, n));

        static decimal Power(decimal value, int exponent) => Enumerable.Repeat(value, exponent).Aggregate(1m, (a, b) => a * b);
        static decimal Factorial(int k) => Enumerable.Range(1, k).Aggregate(1m, (a, b) => a * b);
    }

    /// <summary>
    /// P(D_n &gt;= k/n) by Kolmogorov's recursion (1933): n Poisson steps of mean 1 that stay within k of the diagonal, given that they end
    /// on it. Every term is positive, so nothing cancels.
    /// </summary>
    public static double KsTailAtMultiple(int n, int k)
    {
        var step = new double[2 * k + 2];
        step[0] = Math.Exp(-1);
        for (var i = 1; i < step.Length; i++)
        {
            step[i] = step[i - 1] / i;
        }

        // Offsets -(k - 1) to k - 1 from the diagonal.
        var row = new double[2 * k - 1];
        row[k - 1] = 1;
        for (var i = 0; i < n; i++)
        {
            row = [.. Enumerable.Range(0, row.Length).Select(j =>
                Enumerable.Range(0, Math.Min(row.Length, j + 2)).Sum(from => row[from] * step[j - from + 1]))];
        }

        var atEnd = -n + n * Math.Log(n) - Enumerable.Range(1, n).Sum(i => Math.Log(i));
        return 1 - row[k - 1] / Math.Exp(atEnd);
    }

    /// <summary>The limiting law of Cramer-von Mises by Smirnov's integral, 1 - H(t).</summary>
    public static double CramerVonMisesTail(double t)
    {
        // y = s^2 and s = mid - pi/2 cos(a) take the singularities of the integrand away.
        double sum = 0;
        for (var j = 1; j <= 12; j++)
        {
            var mid = (2 * j - 0.5) * Math.PI;
            var term = BruteForce.Integrate(
                a =>
                {
                    var s = mid - Math.PI / 2 * Math.Cos(a);
                    var sine = Math.Abs(Math.Sin(Math.PI / 2 * (1 - Math.Cos(a))));
                    return sine < 1e-14 ? double.NaN : Math.Sqrt(s / sine) * 2 / s * Math.Exp(-t * s * s / 2) * Math.PI / 2 * Math.Sin(a);
                },
                1e-5, Math.PI - 1e-5, 4000);
            sum += j % 2 == 1 ? term : -term;
        }

        return sum / Math.PI;
    }

    public static double CramerVonMisesLimitingP(double statistic, double n, double m)
    {
        double total = n + m, mean = (1 + 1 / total) / 6;
        var variance = (total + 1) * (4 * n * m * total - 3 * (n * n + m * m) - 2 * n * m) / (45 * total * total * 4 * n * m);
        var t = 1.0 / 6 + (statistic - mean) / Math.Sqrt(45 * variance);
        return t < 0.003 ? 1 : CramerVonMisesTail(t);
    }

    /// <summary>The fitted p of Anderson-Darling: least squares in decimals, without any centring.</summary>
    public static double AndersonP(double statistic)
    {
        double[] b0 = [.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085], b1 = [-.245, .25, .678, 1.149, 1.822, 2.364, 3.615];
        double[] b2 = [-.105, -.305, -.362, -.391, -.396, -.345, -.154], levels = [.25, .1, .05, .025, .01, .005, .001];
        var x = b0.Select((b, i) => b + b1[i] + b2[i]).ToArray();
        if (statistic < x.Min() || statistic > x.Max())
        {
            return statistic < x.Min() ? 0.25 : 0.001;
        }

        var s = new double[3, 4];
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                s[i, j] = x.Sum(v => Math.Pow(v, i + j));
            }

            s[i, 3] = x.Select((v, k) => Math.Pow(v, i) * Math.Log(levels[k])).Sum();
        }

        var a = Solve(s);
        return Math.Exp(a[0] + a[1] * statistic + a[2] * statistic * statistic);
    }

    /// <summary>Gauss-Jordan with full pivots of the column; the last column is the right side.</summary>
    public static double[] Solve(double[,] s)
    {
        var n = s.GetLength(0);
        for (var k = 0; k < n; k++)
        {
            var pivot = Enumerable.Range(k, n - k).MaxBy(i => Math.Abs(s[i, k]));
            for (var j = 0; j <= n; j++)
            {
                (s[k, j], s[pivot, j]) = (s[pivot, j], s[k, j]);
            }

            for (var i = 0; i < n; i++)
            {
                var factor = i == k ? 0 : s[i, k] / s[k, k];
                for (var j = 0; j <= n; j++)
                {
                    s[i, j] -= factor * s[k, j];
                }
            }
        }

        return [.. Enumerable.Range(0, n).Select(i => s[i, n] / s[i, i])];
    }

    public static BigInteger Binomial(int n, int k) => k < 0 || k > n ? 0
        : Enumerable.Range(1, k).Aggregate(BigInteger.One, (product, i) => product * (n - k + i) / i);

    private static decimal Determinant(decimal[,] a, int n)
    {
        var determinant = 1m;
        for (var k = 0; k < n; k++)
        {
            var pivot = Enumerable.Range(k, n - k).MaxBy(i => Math.Abs(a[i, k]));
            if (a[pivot, k] == 0)
            {
                return 0;
            }

            for (var j = 0; j < n && pivot != k; j++)
            {
                (a[k, j], a[pivot, j]) = (a[pivot, j], a[k, j]);
            }

            determinant *= pivot == k ? a[k, k] : -a[k, k];
            for (var i = k + 1; i < n; i++)
            {
                var factor = a[i, k] / a[k, k];
                for (var j = k; j < n; j++)
                {
                    a[i, j] -= factor * a[k, j];
                }
            }
        }

        return determinant;
    }
}
