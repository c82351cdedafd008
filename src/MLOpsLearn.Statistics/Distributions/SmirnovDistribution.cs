namespace MLOpsLearn.Statistics.Distributions;

/// <summary>
/// Finite-n law of the one-sample two-sided Kolmogorov-Smirnov distance, P(D_n &gt;= x).
/// Source: Simard and L'Ecuyer (2011), Computing the two-sided Kolmogorov-Smirnov distribution.
/// </summary>
internal static class SmirnovDistribution
{
    /// <summary>P(D_n &gt;= x) for n &gt;= 1.</summary>
    public static double Upper(double x, long n)
    {
        var t = n * x;
        if (x >= 1)
        {
            return 0;
        }

        if (t <= 0.5)
        {
            return 1;
        }

        if (t <= 1)
        {
            return 1 - ShortRange(n, t);
        }

        if (t >= n - 1)
        {
            return 2 * Math.Exp(n * Gamma.LogOnePlus(-x));
        }

        if (x >= 0.5)
        {
            return Clip(2 * OneSided(n, x));
        }

        var spread = t * x;
        if (n <= 140)
        {
            // The published switch to Pomeranz' recursion between .75 and 4 gives the same number as Durbin's matrix there.
            return Clip(spread <= 4 ? 1 - Durbin(n, x) : 2 * OneSided(n, x));
        }

        if (spread >= 370)
        {
            return 0;
        }

        if (spread >= 2.2)
        {
            return Clip(2 * OneSided(n, x));
        }

        return Clip(1 - (n <= 100_000 && n * Math.Pow(x, 1.5) <= 1.4 ? Durbin(n, x) : PelzGood.Lower(n, x)));
    }

    // n! (2t - 1)^n / n^n.
    private static double ShortRange(long n, double t)
    {
        var factor = 2 * t - 1;
        if (n > 140)
        {
            return Math.Exp(Gamma.LogFactorial(n) + n * Math.Log(factor) - n * Math.Log(n));
        }

        var product = 1.0;
        for (var i = 1; i <= n; i++)
        {
            product *= i * factor / n;
        }

        return product;
    }

    /// <summary>One-sided tail: x sum_j C(n,j) (x + j/n)^(j-1) (1 - x - j/n)^(n-j).</summary>
    internal static double OneSided(long n, double x, int points = 8192)
    {
        // Where this is used the terms vanish with all their derivatives at both ends, so every k-th term taken k times gives the
        // same sum to the last digits (the trapezoid rule on a smooth bump): 8,192 terms instead of millions.
        var stride = Math.Max(1, n / points);
        double sum = 0, logFactorial = Gamma.LogFactorial(n);
        var last = (long)Math.Floor(n * (1 - x));
        for (long j = 0; j <= last; j += stride)
        {
            var up = x + (double)j / n;
            var down = 1 - up;
            if (down > 0)
            {
                var logBinomial = logFactorial - Gamma.LogFactorial(j) - Gamma.LogFactorial(n - j);
                sum += Math.Exp(logBinomial + (j - 1) * Math.Log(up) + (n - j) * Gamma.LogOnePlus(-up));
            }
            else if (j == n)
            {
                sum += Math.Exp((j - 1) * Math.Log(up));
            }
        }

        return x * sum * stride;
    }

    /// <summary>P(D_n &lt; x) by the matrix of Durbin (Marsaglia, Tsang and Wang 2003).</summary>
    private static double Durbin(long n, double x)
    {
        var k = (int)(n * x) + 1;
        var m = 2 * k - 1;
        var h = k - n * x;
        var matrix = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j <= Math.Min(i + 1, m - 1); j++)
            {
                matrix[i * m + j] = 1;
            }
        }

        for (var i = 0; i < m; i++)
        {
            matrix[i * m] -= Math.Pow(h, i + 1);
            matrix[(m - 1) * m + i] -= Math.Pow(h, m - i);
        }

        matrix[(m - 1) * m] += 2 * h - 1 > 0 ? Math.Pow(2 * h - 1, m) : 0;
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                for (var g = 1; g <= i - j + 1; g++)
                {
                    matrix[i * m + j] /= g;
                }
            }
        }

        var (power, exponent) = Power(matrix, m, n);
        var result = power[(k - 1) * m + k - 1];
        for (var i = 1; i <= n; i++)
        {
            result *= (double)i / n;
            if (result < 1e-140)
            {
                result *= 1e140;
                exponent -= 140;
            }
        }

        return result * Math.Pow(10, exponent);
    }

    private static (double[] Matrix, int Exponent) Power(double[] matrix, int m, long n)
    {
        if (n == 1)
        {
            return (matrix, 0);
        }

        var (half, exponent) = Power(matrix, m, n / 2);
        var result = Multiply(half, half, m);
        exponent *= 2;
        if (n % 2 == 1)
        {
            result = Multiply(matrix, result, m);
        }

        if (result[m / 2 * m + m / 2] > 1e140)
        {
            for (var i = 0; i < result.Length; i++)
            {
                result[i] *= 1e-140;
            }

            exponent += 140;
        }

        return (result, exponent);
    }

    private static double[] Multiply(double[] left, double[] right, int m)
    {
        var product = new double[m * m];
        for (var i = 0; i < m; i++)
        {
            for (var k = 0; k < m; k++)
            {
                var factor = left[i * m + k];
                for (var j = 0; j < m; j++)
                {
                    product[i * m + j] += factor * right[k * m + j];
                }
            }
        }

        return product;
    }

    private static double Clip(double p) => Math.Clamp(p, 0, 1);
}
