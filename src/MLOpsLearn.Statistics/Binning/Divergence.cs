namespace MLOpsLearn.Statistics.Binning;

/// <summary>Divergences of two discrete distributions. Empty bins on both sides contribute nothing.</summary>
internal static class Divergence
{
    public static string Name(ZeroFill fill) => fill == ZeroFill.Fixed ? "zero=1e-4" : "zero=adaptive-1e-4";

    /// <summary>Population stability index: sum (p - q) ln(p / q) after the zero fill, without renormalising.</summary>
    public static double Psi(in BinnedShares shares, ZeroFill fill)
    {
        var (p, q) = Filled(shares, fill);
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
        {
            sum += (p[i] - q[i]) * Math.Log(p[i] / q[i]);
        }

        return sum;
    }

    /// <summary>Contribution of each bin to <see cref="Psi"/>.</summary>
    public static double[] PsiTerms(in BinnedShares shares, ZeroFill fill)
    {
        var (p, q) = Filled(shares, fill);
        var terms = new double[p.Length];
        for (var i = 0; i < p.Length; i++)
        {
            terms[i] = (p[i] - q[i]) * Math.Log(p[i] / q[i]);
        }

        return terms;
    }

    /// <summary>Kullback-Leibler divergence sum p ln(p / q), both renormalised after the zero fill.</summary>
    public static double KullbackLeibler(in BinnedShares shares, ZeroFill fill)
    {
        var (p, q) = Filled(shares, fill);
        double totalP = p.Sum(), totalQ = q.Sum(), sum = 0;
        for (var i = 0; i < p.Length; i++)
        {
            sum += p[i] / totalP * Math.Log(p[i] / totalP / (q[i] / totalQ));
        }

        return sum;
    }

    /// <summary>Jensen-Shannon distance (the root of the divergence), in nats; divide the square by ln 2 for bits.</summary>
    public static double JensenShannon(in BinnedShares shares, double logBase)
    {
        var (totalP, totalQ) = (shares.Reference.Sum() / (double)shares.ReferenceTotal, shares.Current.Sum() / (double)shares.CurrentTotal);
        var sum = 0.0;
        for (var i = 0; i < shares.Bins; i++)
        {
            double p = shares.P(i) / totalP, q = shares.Q(i) / totalQ, middle = (p + q) / 2;
            sum += (p > 0 ? p * Math.Log(p / middle) : 0) + (q > 0 ? q * Math.Log(q / middle) : 0);
        }

        return Math.Sqrt(Math.Max(0, sum / 2 / Math.Log(logBase)));
    }

    /// <summary>Hellinger distance sqrt(1 - sum sqrt(p q)).</summary>
    public static double Hellinger(in BinnedShares shares)
    {
        var sum = 0.0;
        for (var i = 0; i < shares.Bins; i++)
        {
            sum += Math.Sqrt(shares.P(i) * shares.Q(i));
        }

        return Math.Sqrt(1 - Math.Clamp(sum, 0, 1));
    }

    private static (double[] P, double[] Q) Filled(in BinnedShares shares, ZeroFill fill) =>
        (Filled(shares.Reference, shares.ReferenceTotal, fill), Filled(shares.Current, shares.CurrentTotal, fill));

    private static double[] Filled(long[] counts, long total, ZeroFill fill)
    {
        var shares = Array.ConvertAll(counts, count => (double)count / total);
        var smallest = shares.Where(share => share > 0).DefaultIfEmpty(1).Min();
        var zero = fill == ZeroFill.Adaptive && smallest <= 1e-4 ? smallest / 1e6 : 1e-4;
        for (var i = 0; i < shares.Length; i++)
        {
            shares[i] = shares[i] == 0 ? zero : shares[i];
        }

        return shares;
    }
}
