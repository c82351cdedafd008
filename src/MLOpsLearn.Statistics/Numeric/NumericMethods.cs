using MLOpsLearn.Statistics.Binning;

namespace MLOpsLearn.Statistics.Numeric;

/// <summary>All numeric two-sample methods by identity.</summary>
public static class NumericMethods
{
    private static readonly Dictionary<string, Func<NumericPair, CancellationToken, MethodResult>> ByIdentity = Binned(new(StringComparer.Ordinal)
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
        [StudentTest.CohenD] = static (pair, _) => StudentTest.OfCohenD(pair),
        [MannWhitney.Auc] = static (pair, _) => MannWhitney.OfAuc(pair),
    });

    /// <summary>Identities that <see cref="Compute"/> knows.</summary>
    public static IReadOnlyCollection<string> Identities => ByIdentity.Keys;

    /// <summary>Computes one method.</summary>
    /// <exception cref="ArgumentException">The identity is unknown.</exception>
    public static MethodResult Compute(string identity, NumericPair pair, CancellationToken cancellationToken = default) =>
        ByIdentity.TryGetValue(identity, out var method)
            ? method(pair, cancellationToken)
            : throw new ArgumentException($"Unknown numeric method '{identity}'.", nameof(identity));

    // Every divergence over every bin rule: psi(bins=ref-deciles,zero=1e-4), js(bins=doane-ref,log=2), ...
    private static Dictionary<string, Func<NumericPair, CancellationToken, MethodResult>> Binned(
        Dictionary<string, Func<NumericPair, CancellationToken, MethodResult>> methods)
    {
        foreach (var rule in Enum.GetValues<BinRule>())
        {
            var bins = $"bins={BinnedDistance.Name(rule)}";
            foreach (var fill in Enum.GetValues<ZeroFill>())
            {
                methods[$"psi({bins},{Divergence.Name(fill)})"] = (pair, _) => BinnedDistance.Psi(pair, rule, fill);
                methods[$"kl({bins},{Divergence.Name(fill)})"] = (pair, _) => BinnedDistance.KullbackLeibler(pair, rule, fill);
            }

            methods[$"js({bins},log=e)"] = (pair, _) => BinnedDistance.JensenShannon(pair, rule);
            methods[$"js({bins},log=2)"] = (pair, _) => BinnedDistance.JensenShannonBits(pair, rule);
            methods[$"hellinger({bins})"] = (pair, _) => BinnedDistance.Hellinger(pair, rule);
        }

        return methods;
    }
}
