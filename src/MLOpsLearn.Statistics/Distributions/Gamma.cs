namespace MLOpsLearn.Statistics.Distributions;

/// <summary>Gamma function and its incomplete integrals, accurate to about 1e-14 relative also far out in the tail.</summary>
internal static class Gamma
{
    private const double HalfLogTwoPi = 0.91893853320467274178;

    private static readonly double[] Lanczos =
    [
        0.99999999999980993227684700473478, 676.520368121885098567009190444019, -1259.13921672240287047156078755283,
        771.3234287776530788486528258894, -176.61502916214059906584551354, 12.507343278686904814458936853,
        -0.13857109526572011689554707, 9.984369578019570859563e-6, 1.50563273514931155834e-7,
    ];

    /// <summary>ln Gamma(x) for x &gt; 0.</summary>
    public static double Log(double x)
    {
        if (x >= 15)
        {
            return (x - 0.5) * Math.Log(x) - x + HalfLogTwoPi + StirlingError(x);
        }

        if (x < 0.5)
        {
            return Math.Log(Math.PI / Math.Sin(Math.PI * x)) - Log(1 - x);
        }

        var z = x - 1;
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (z + i);
        }

        var t = z + 7.5;
        return HalfLogTwoPi + (z + 0.5) * Math.Log(t) - t + Math.Log(sum);
    }

    /// <summary>ln Gamma(x + 1), the logarithm of a factorial.</summary>
    public static double LogFactorial(double x) => Log(x + 1);

    /// <summary>ln Gamma(a + b) - ln Gamma(a), without the cancellation of the plain difference.</summary>
    public static double LogRatio(double a, double b) => a < 15
        ? Log(a + b) - Log(a)
        : (a - 0.5) * LogOnePlus(b / a) + b * Math.Log(a + b) - b + StirlingError(a + b) - StirlingError(a);

    /// <summary>Upper regularised incomplete gamma Q(a, x): the tail of the chi-squared law at 2x with 2a degrees.</summary>
    public static double Upper(double a, double x)
    {
        if (!(x > 0))
        {
            return 1;
        }

        if (double.IsPositiveInfinity(x))
        {
            return 0;
        }

        var density = Density(a, x);
        return x < a + 1 ? 1 - density * Series(a, x) : density * a * Fraction(a, x);
    }

    /// <summary>ln(1 + x) that keeps the digits of a small x.</summary>
    public static double LogOnePlus(double x)
    {
        var u = 1 + x;
        return u == 1 ? x : Math.Log(u) * x / (u - 1);
    }

    // x^a e^-x / Gamma(a + 1), by Loader's saddle point form: the direct exponent cancels for large a.
    private static double Density(double a, double x) => a < 15
        ? Math.Exp(a * Math.Log(x) - x - Log(a + 1))
        : Math.Exp(-StirlingError(a) - Deviance(a, x)) / Math.Sqrt(2 * Math.PI * a);

    private static double Series(double a, double x)
    {
        double term = 1, sum = 1;
        for (var n = 1; term > sum * 1e-17; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum;
    }

    // Lentz' evaluation of the continued fraction for e^x x^-a Gamma(a, x).
    private static double Fraction(double a, double x)
    {
        const double tiny = 1e-300;
        var b = x + 1 - a;
        var c = 1 / tiny;
        var d = 1 / b;
        var h = d;
        for (var i = 1; i < 100_000_000; i++)
        {
            var an = -i * (i - a);
            b += 2;
            d = an * d + b;
            d = Math.Abs(d) < tiny ? 1 / tiny : 1 / d;
            c = b + an / c;
            c = Math.Abs(c) < tiny ? tiny : c;
            var delta = d * c;
            h *= delta;
            if (Math.Abs(delta - 1) < 1e-15)
            {
                break;
            }
        }

        return h;
    }

    private static double StirlingError(double x)
    {
        var s = 1 / (x * x);
        return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360360 * s) * s) * s) * s) * s) / x;
    }

    // x ln(x / m) + m - x.
    private static double Deviance(double x, double m)
    {
        if (Math.Abs(x - m) >= 0.1 * (x + m))
        {
            return x * Math.Log(x / m) + m - x;
        }

        var v = (x - m) / (x + m);
        var sum = (x - m) * v;
        var term = 2 * x * v;
        for (var j = 1; ; j++)
        {
            term *= v * v;
            var next = sum + term / (2 * j + 1);
            if (next == sum)
            {
                return sum;
            }

            sum = next;
        }
    }
}
