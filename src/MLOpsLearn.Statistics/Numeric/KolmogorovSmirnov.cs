using System.Numerics;
using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>
/// Two-sample Kolmogorov-Smirnov test, two-sided: D = max |F(z) - G(z)|, 0 to 1, after all values equal to z are counted on both sides.
/// With ties its p-value is conservative. Sources: Hodges (1958) for the exact law, Simard and L'Ecuyer (2011) for the other.
/// </summary>
public static class KolmogorovSmirnov
{
    /// <summary>Exact p-value up to 10,000 values on the larger side, the finite-n law above.</summary>
    public const string Auto = "ks(method=auto)";

    /// <summary>p-value from the one-sample law at N = nm/(n+m), rounded half to even.</summary>
    public const string Asymptotic = "ks(method=asymptotic)";

    private const int LargestExact = 10_000;

    /// <summary>Exact where affordable. Undefined only when a side is empty.</summary>
    /// <exception cref="OperationCanceledException">The exact law of two large samples takes up to 1e8 steps.</exception>
    public static MethodResult Test(NumericPair pair, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Auto, reason);
        }

        int n = pair.Reference.Count, m = pair.Current.Count;
        if (Math.Max(n, m) <= LargestExact)
        {
            var common = (int)BigInteger.GreatestCommonDivisor(n, m);
            var steps = pair.Sweep.LargestGap / common;
            var exact = ExactPValue(n, m, steps, cancellationToken);
            if (exact is >= 0 and <= 1.0000000001)
            {
                var lattice = (long)n * m / common;
                return MethodResult.Of(Auto, (double)steps / lattice, Math.Min(1, exact)) with { Exact = true };
            }
        }

        return TestAsymptotic(pair) is { Undefined: { } undefined }
            ? MethodResult.Without(Auto, undefined)
            : TestAsymptotic(pair) with { Method = Auto, Exact = false };
    }

    /// <summary>Never exact: cost does not depend on the sizes beyond the sort.</summary>
    public static MethodResult TestAsymptotic(NumericPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(Asymptotic, reason);
        }

        double n = pair.Reference.Count, m = pair.Current.Count;
        var effective = (long)Math.Round(n * m / (n + m), MidpointRounding.ToEven);
        var distance = Distance(pair);
        return effective == 0
            ? MethodResult.Without(Asymptotic, UndefinedReason.NotFinite)
            : MethodResult.Of(Asymptotic, distance, SmirnovDistribution.Upper(distance, effective));
    }

    internal static double Distance(NumericPair pair) => pair.Sweep.LargestGap / ((double)pair.Reference.Count * pair.Current.Count);

    /// <summary>Share of lattice paths from (0,0) to (n,m) that reach |x/n - y/m| &gt;= h / lcm(n,m).</summary>
    internal static double ExactPValue(int n, int m, long h, CancellationToken cancellationToken)
    {
        if (h == 0)
        {
            return 1;
        }

        return n == m ? ExactEqualSizes(n, (int)h) : ExactPaths(n, m, h, cancellationToken);
    }

    private static double ExactEqualSizes(int n, int h)
    {
        double p = 0;
        for (var k = n / h; k >= 0; k--)
        {
            var product = 1.0;
            for (var j = 0; j < h; j++)
            {
                product = (n - (double)k * h - j) * product / (n + (double)k * h + j + 1);
            }

            p = product * (1 - p);
        }

        return 2 * p;
    }

    // A(i,j) = probability that a random path to (i,j) has left the band; only cells inside the band need work.
    private static double ExactPaths(int n, int m, long h, CancellationToken cancellationToken)
    {
        if (m > n)
        {
            (n, m) = (m, n);
        }

        var common = (int)BigInteger.GreatestCommonDivisor(n, m);
        long up = m / common, right = n / common;
        var row = new double[m + 1];
        for (var j = 0; j <= m; j++)
        {
            row[j] = right * j >= h ? 1 : 0;
        }

        for (var i = 1; i <= n; i++)
        {
            if ((i & 255) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            // Inside the band: |up i - right j| < h.
            var first = (int)Math.Max(0, (up * i - h) / right + (up * i - h >= 0 ? 1 : 0));
            var last = (int)Math.Min(m, (up * i + h - 1) / right);
            if (first > 0)
            {
                row[first - 1] = 1;
            }

            double left = first > 0 ? 1 : 0;
            for (var j = first; j <= last; j++)
            {
                left = (i * row[j] + j * left) / (i + j);
                row[j] = left;
            }

            for (var j = last + 1; j <= m && row[j] != 1; j++)
            {
                row[j] = 1;
            }
        }

        return row[m];
    }
}
