namespace MLOpsLearn.Statistics.Distributions;

/// <summary>Upper tail probabilities of the test distributions, computed as tails so that 1e-40 is 1e-40.</summary>
internal static class UpperTail
{
    /// <summary>P(Z &gt; z) for a standard normal Z.</summary>
    public static double Normal(double z) => z >= 0 ? 0.5 * Gamma.Upper(0.5, z * z / 2) : 1 - 0.5 * Gamma.Upper(0.5, z * z / 2);

    /// <summary>P(|Z| &gt; |z|).</summary>
    public static double NormalTwoSided(double z) => Gamma.Upper(0.5, z * z / 2);

    /// <summary>P(X &gt; x) for chi-squared X; with 0 degrees the law sits at 0.</summary>
    public static double ChiSquared(double x, double degreesOfFreedom) =>
        degreesOfFreedom <= 0 ? (x > 0 ? 0 : 1) : Gamma.Upper(degreesOfFreedom / 2, x / 2);

    /// <summary>P(|T| &gt; |t|) for Student's T; NaN for NaN.</summary>
    public static double StudentTwoSided(double t, double degreesOfFreedom)
    {
        if (double.IsNaN(t) || !double.IsFinite(degreesOfFreedom))
        {
            return double.NaN;
        }

        if (double.IsInfinity(t))
        {
            return 0;
        }

        var ratio = t * t / degreesOfFreedom;
        return Beta(degreesOfFreedom / 2, 0.5, 1 / (1 + ratio), ratio / (1 + ratio), -Gamma.LogOnePlus(ratio), Math.Log(ratio / (1 + ratio)));
    }

    /// <summary>The z with P(Z &lt;= z) = <paramref name="probability"/>, for probabilities above one half.</summary>
    public static double NormalQuantile(double probability) => Quantile(probability, NormalTwoSided);

    /// <summary>P(X &gt;= k) for the number X of successes in <paramref name="trials"/> independent trials.</summary>
    public static double Binomial(long k, long trials, double probability) =>
        k <= 0 ? 1
        : k > trials || probability <= 0 ? 0
        : probability >= 1 ? 1
        : Beta(k, trials - k + 1.0, probability, 1 - probability, Math.Log(probability), Gamma.LogOnePlus(-probability));

    /// <summary>The t with P(T &lt;= t) = <paramref name="probability"/>, for probabilities above one half.</summary>
    public static double StudentQuantile(double probability, double degreesOfFreedom) =>
        Quantile(probability, t => StudentTwoSided(t, degreesOfFreedom));

    private static double Quantile(double probability, Func<double, double> twoSided)
    {
        var target = 2 * (1 - probability);
        double low = 0, high = 1;
        while (twoSided(high) > target)
        {
            low = high;
            high *= 2;
        }

        while (true)
        {
            var middle = low + (high - low) / 2;
            if (middle <= low || middle >= high)
            {
                return middle;
            }

            if (twoSided(middle) > target)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }
    }

    // Regularised incomplete beta I_x(a, b); y = 1 - x and the logarithms are given because they cancel when computed here.
    private static double Beta(double a, double b, double x, double y, double logX, double logY)
    {
        if (x <= 0)
        {
            return 0;
        }

        if (y <= 0)
        {
            return 1;
        }

        var front = Math.Exp(a * logX + b * logY + (b > a ? Gamma.LogRatio(b, a) - Gamma.Log(a) : Gamma.LogRatio(a, b) - Gamma.Log(b)));
        return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a : 1 - front * BetaFraction(b, a, y) / b;
    }

    private static double BetaFraction(double a, double b, double x)
    {
        const double tiny = 1e-300;
        double c = 1, d = Reciprocal(1 - (a + b) * x / (a + 1));
        var h = d;
        for (var m = 1; m < 1_000_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = Reciprocal(1 + even * d);
            c = NotZero(1 + even / c);
            h *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = Reciprocal(1 + odd * d);
            c = NotZero(1 + odd / c);
            h *= d * c;
            if (Math.Abs(d * c - 1) < 1e-15)
            {
                break;
            }
        }

        return h;

        static double NotZero(double value) => Math.Abs(value) < tiny ? tiny : value;
        static double Reciprocal(double value) => 1 / NotZero(value);
    }
}
