using MLOpsLearn.Statistics.Binning;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>All categorical two-sample methods by identity.</summary>
public static class CategoricalMethods
{
    private static readonly Dictionary<string, Func<CategoricalPair, MethodResult>> ByIdentity = new(StringComparer.Ordinal)
    {
        [ChiSquared.Homogeneity] = ChiSquared.Test,
        [ChiSquared.HomogeneityYates] = ChiSquared.TestYates,
        [ChiSquared.GHomogeneity] = ChiSquared.TestLikelihoodRatio,
        [CategoryEffect.CramersV] = CategoryEffect.OfCramersV,
        [ChiSquared.GoodnessOfFit] = ChiSquared.TestGoodnessOfFit,
        [CategoryEffect.CramersVBalanced] = CategoryEffect.OfCramersVBalanced,
        [BinaryTests.ZTwoProportion] = BinaryTests.TestZ,
        [BinaryTests.FisherTwoSided] = BinaryTests.TestFisher,
        ["psi(zero=1e-4)"] = static pair => CategoryDivergence.Psi(pair),
        ["psi(zero=adaptive-1e-4)"] = static pair => CategoryDivergence.Psi(pair, ZeroFill.Adaptive),
        ["kl(zero=adaptive-1e-4)"] = static pair => CategoryDivergence.KullbackLeibler(pair, ZeroFill.Adaptive),
        ["js(log=e)"] = CategoryDivergence.JensenShannon,
        ["js(log=2)"] = CategoryDivergence.JensenShannonBits,
        ["hellinger"] = CategoryDivergence.Hellinger,
        [CategoryEffect.TotalVariation] = CategoryEffect.OfTotalVariation,
        [CategoryEffect.LargestDifference] = CategoryEffect.OfLargestDifference,
        [CategoryNovelty.NewCategoryShare] = CategoryNovelty.OfNewShare,
        [CategoryNovelty.MissingCategoryCount] = CategoryNovelty.OfMissingCount,
    };

    /// <summary>Identities that <see cref="Compute"/> knows.</summary>
    public static IReadOnlyCollection<string> Identities => ByIdentity.Keys;

    /// <summary>Computes one method.</summary>
    /// <exception cref="ArgumentException">The identity is unknown.</exception>
    public static MethodResult Compute(string identity, CategoricalPair pair) =>
        ByIdentity.TryGetValue(identity, out var method)
            ? method(pair)
            : throw new ArgumentException($"Unknown categorical method '{identity}'.", nameof(identity));
}
