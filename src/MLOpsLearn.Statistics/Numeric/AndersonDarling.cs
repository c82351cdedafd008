namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// Two-sample Anderson-Darling test in its midrank form, standardised. Its p-value is interpolated from a table and clipped to
/// 0.001 to 0.25, so it is of no use in corrected families. Source: Scholz and Stephens (1987).
/// </summary>
public static class AndersonDarling
{
    /// <summary>Midrank form.</summary>
    public const string Midrank = "anderson(midrank)";

    private static readonly double[] Levels = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];

    // b0 + b1 + b2 of the published table, for two samples.
    private static readonly double[] Critical =
    [
        0.675 - 0.245 - 0.105, 1.281 + 0.25 - 0.305, 1.645 + 0.678 - 0.362, 1.96 + 1.149 - 0.391,
        2.326 + 1.822 - 0.396, 2.573 + 2.364 - 0.345, 3.085 + 3.615 - 0.154,
    ];

    private static readonly (double A, double B, double C) Fit = FitQuadratic();

    /// <summary>Undefined when a side is empty, for fewer than four values, and when all values are equal.</summary>
    public static MethodResult Test(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Midrank, reason);
        }

        double n = pair.Reference.Count, m = pair.Current.Count, total = n + m;
        if (total < 4)
        {
            return MethodResult.Without(Midrank, UndefinedReason.TooFew);
        }

        if (pair.IsConstant)
        {
            return MethodResult.Without(Midrank, UndefinedReason.ConstantBoth);
        }

        var statistic = (Raw(pair.Sweep.AndersonSum, n, m) - 1) / Math.Sqrt(Variance(n, m));
        return MethodResult.Of(Midrank, statistic, PValue(statistic));
    }

    // For two samples both inner sums are equal: N M_1 - n B = -(N M_2 - m B).
    private static double Raw(double sum, double n, double m)
    {
        var total = n + m;
        return (total - 1) / total * (sum / total) * (1 / n + 1 / m);
    }

    private static double Variance(double n, double m)
    {
        var total = n + m;
        var inverse = 1 / n + 1 / m;
        var (h, squares) = Harmonic(total - 1);

        // Sum over i < j of 1 / ((N - i) j), in closed form.
        var g = squares - 2 * h / total;
        const double k = 2;
        var a = (4 * g - 6) * (k - 1) + (10 - 6 * g) * inverse;
        var b = (2 * g - 4) * k * k + 8 * h * k + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6;
        var c = (6 * h + 2 * g - 2) * k * k + (4 * h - 4 * g + 6) * k + (2 * h - 6) * inverse + 4 * h;
        var d = (2 * h + 6) * k * k - 4 * h * k;
        return (((a * total + b) * total + c) * total + d) / ((total - 1) * (total - 2) * (total - 3));
    }

    private static (double First, double Second) Harmonic(double n)
    {
        if (n <= 1000)
        {
            double first = 0, second = 0;
            for (var i = n; i >= 1; i--)
            {
                first += 1 / i;
                second += 1 / (i * i);
            }

            return (first, second);
        }

        var s = 1 / (n * n);
        return (
            Math.Log(n) + 0.57721566490153286061 + 1 / (2 * n) - s * (1.0 / 12 - s / 120),
            Math.PI * Math.PI / 6 - 1 / n + s / 2 - s / n * (1.0 / 6 - s / 30));
    }

    private static double PValue(double statistic) =>
        statistic < Critical[0] ? 0.25
        : statistic > Critical[^1] ? 0.001
        : Math.Exp((Fit.A * statistic + Fit.B) * statistic + Fit.C);

    // Least squares of ln level = a x^2 + b x + c, on centred x to keep the normal equations well conditioned.
    private static (double A, double B, double C) FitQuadratic()
    {
        var center = Critical.Average();
        var x = Critical.Select(value => value - center).ToArray();
        var y = Levels.Select(level => Math.Log(level)).ToArray();
        double Power(int p) => x.Sum(value => Math.Pow(value, p));
        double With(int p) => x.Zip(y, (value, target) => Math.Pow(value, p) * target).Sum();
        double s0 = x.Length, s1 = Power(1), s2 = Power(2), s3 = Power(3), s4 = Power(4);
        double t0 = With(0), t1 = With(1), t2 = With(2);
        var determinant = Determinant(s4, s3, s2, s3, s2, s1, s2, s1, s0);
        var a = Determinant(t2, s3, s2, t1, s2, s1, t0, s1, s0) / determinant;
        var b = Determinant(s4, t2, s2, s3, t1, s1, s2, t0, s0) / determinant;
        var c = Determinant(s4, s3, t2, s3, s2, t1, s2, s1, t0) / determinant;
        return (a, b - 2 * a * center, c - b * center + a * center * center);

        static double Determinant(
            double a, double b, double c, double d, double e, double f, double g, double h, double i) =>
            a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    }
}
