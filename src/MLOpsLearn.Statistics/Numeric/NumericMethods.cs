using MLOpsLearn.Statistics.Binning;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>All numeric two-sample methods by identity.</summary>
public static class NumericMethods
{
    private static readonly Dictionary<string, Func<NumericPair, CancellationToken, MethodResult>> ByIdentity = new(StringComparer.Ordinal)
    {
        [KolmogorovSmirnov.Auto] = KolmogorovSmirnov.Test,
        [KolmogorovSmirnov.Asymptotic] = static (pair, _) => KolmogorovSmirnov.TestAsymptotic(pair),
        [TransportDistance.Wasserstein] = static (pair, _) => TransportDistance.OfWasserstein(pair),
        [TransportDistance.WassersteinNormalised] = static (pair, _) => TransportDistance.OfWassersteinNormalised(pair),
        [TransportDistance.Energy] = static (pair, _) => TransportDistance.OfEnergy(pair),
        [CramerVonMises.Auto] = static (pair, _) => CramerVonMises.Test(pair),
        [AndersonDarling.Midrank] = static (pair, _) => AndersonDarling.Test(pair),
        [MannWhitney.TwoSided] = static (pair, _) => MannWhitney.Test(pair),
        [MannWhitney.Less] = static (pair, _) => MannWhitney.TestLess(pair),
        [StudentTest.Pooled] = static (pair, _) => StudentTest.TestPooled(pair),
        [StudentTest.Welch] = static (pair, _) => StudentTest.TestWelch(pair),
        [EppsSingleton.Standard] = static (pair, _) => EppsSingleton.Test(pair),
        ["psi(bins=sturges-pooled,zero=adaptive-1e-4)"] = static (pair, _) =>
            BinnedDistance.Psi(pair, BinRule.SturgesPooled, ZeroFill.Adaptive),
        ["kl(bins=sturges-pooled,zero=adaptive-1e-4)"] = static (pair, _) =>
            BinnedDistance.KullbackLeibler(pair, BinRule.SturgesPooled, ZeroFill.Adaptive),
        ["js(bins=sturges-pooled,log=e)"] = static (pair, _) => BinnedDistance.JensenShannon(pair, BinRule.SturgesPooled),
        ["hellinger(bins=sturges-unique)"] = static (pair, _) => BinnedDistance.Hellinger(pair, BinRule.SturgesUnique),
        ["psi(bins=ref-deciles,zero=1e-4)"] = static (pair, _) => BinnedDistance.Psi(pair),
        ["js(bins=doane-ref,log=2)"] = static (pair, _) => BinnedDistance.JensenShannonBits(pair, BinRule.DoaneReference),
        ["hellinger(bins=doane-ref)"] = static (pair, _) => BinnedDistance.Hellinger(pair, BinRule.DoaneReference),
        [StudentTest.CohenD] = static (pair, _) => StudentTest.OfCohenD(pair),
        [MannWhitney.Auc] = static (pair, _) => MannWhitney.OfAuc(pair),
    };

    /// <summary>Identities that <see cref="Compute"/> knows.</summary>
    public static IReadOnlyCollection<string> Identities => ByIdentity.Keys;

    /// <summary>Computes one method.</summary>
    /// <exception cref="ArgumentException">The identity is unknown.</exception>
    public static MethodResult Compute(string identity, NumericPair pair, CancellationToken cancellationToken = default) =>
        ByIdentity.TryGetValue(identity, out var method)
            ? method(pair, cancellationToken)
            : throw new ArgumentException($"Unknown numeric method '{identity}'.", nameof(identity));
}
