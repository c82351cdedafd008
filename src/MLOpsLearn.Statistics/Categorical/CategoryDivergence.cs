using MLOpsLearn.Statistics.Binning;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>Divergences with one bin a category. Undefined only when a side is empty.</summary>
public static class CategoryDivergence
{
    /// <summary>Population stability index.</summary>
    public static MethodResult Psi(CategoricalPair pair, ZeroFill fill = ZeroFill.Fixed) =>
        Of(pair, $"psi({Divergence.Name(fill)})", shares => Divergence.Psi(shares, fill));

    /// <summary>What each category adds to <c>psi(zero=1e-4)</c>, in key order; empty when a side is empty.</summary>
    public static IReadOnlyList<BinContribution> PsiContributions(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is null
            ? [.. Divergence.PsiTerms(pair.Shares, ZeroFill.Fixed).Select((term, i) =>
                new BinContribution(pair.Keys[i].ToString(), pair.Shares.P(i), pair.Shares.Q(i), term))]
            : [];
    }

    /// <summary>Kullback-Leibler divergence in nats.</summary>
    public static MethodResult KullbackLeibler(CategoricalPair pair, ZeroFill fill = ZeroFill.Fixed) =>
        Of(pair, $"kl({Divergence.Name(fill)})", shares => Divergence.KullbackLeibler(shares, fill));

    /// <summary>Jensen-Shannon distance in nats.</summary>
    public static MethodResult JensenShannon(CategoricalPair pair) =>
        Of(pair, "js(log=e)", static shares => Divergence.JensenShannon(shares, Math.E));

    /// <summary>Jensen-Shannon distance in bits.</summary>
    public static MethodResult JensenShannonBits(CategoricalPair pair) =>
        Of(pair, "js(log=2)", static shares => Divergence.JensenShannon(shares, 2));

    /// <summary>Hellinger distance.</summary>
    public static MethodResult Hellinger(CategoricalPair pair) => Of(pair, "hellinger", static shares => Divergence.Hellinger(shares));

    private static MethodResult Of(CategoricalPair pair, string method, Func<BinnedShares, double> statistic)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return pair.Empty is { } reason ? MethodResult.Without(method, reason) : MethodResult.Of(method, statistic(pair.Shares));
    }
}
