using System.Globalization;
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
        [SparseTable.Pooled] = SparseTable.TestPooled,
        ["psi(zero=1e-4)"] = static pair => CategoryDivergence.Psi(pair),
        ["psi(zero=adaptive-1e-4)"] = static pair => CategoryDivergence.Psi(pair, ZeroFill.Adaptive),
        ["kl(zero=1e-4)"] = static pair => CategoryDivergence.KullbackLeibler(pair),
        ["kl(zero=adaptive-1e-4)"] = static pair => CategoryDivergence.KullbackLeibler(pair, ZeroFill.Adaptive),
        ["js(log=e)"] = CategoryDivergence.JensenShannon,
        ["js(log=2)"] = CategoryDivergence.JensenShannonBits,
        ["hellinger"] = CategoryDivergence.Hellinger,
        [CategoryEffect.TotalVariation] = CategoryEffect.OfTotalVariation,
        [CategoryEffect.LargestDifference] = CategoryEffect.OfLargestDifference,
        [CategoryNovelty.NewCategoryShare] = CategoryNovelty.OfNewShare,
        [CategoryNovelty.MissingCategoryCount] = CategoryNovelty.OfMissingCount,
    };

    private const string TopParameter = "top=";

    /// <summary>Identities that <see cref="Compute"/> knows.</summary>
    public static IReadOnlyCollection<string> Identities => ByIdentity.Keys;

    /// <summary>
    /// Computes one method. An identity with <c>top=N</c> as its last parameter, such as <c>chi2(homogeneity,top=1000)</c>, is computed on
    /// the N most frequent categories of the reference, all others taken together.
    /// </summary>
    /// <exception cref="ArgumentException">The identity is unknown.</exception>
    public static MethodResult Compute(string identity, CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(pair);
        if (ByIdentity.TryGetValue(identity, out var method))
        {
            return method(pair);
        }

        var at = identity.LastIndexOf(TopParameter, StringComparison.Ordinal);
        if (at > 0 && identity[^1] == ')'
            && int.TryParse(identity.AsSpan(at + TopParameter.Length).TrimEnd(')'), NumberStyles.None, CultureInfo.InvariantCulture, out var top)
            && top > 0
            && (ByIdentity.TryGetValue($"{identity[..at].TrimEnd(',')})", out method) || ByIdentity.TryGetValue(identity[..at].TrimEnd('('), out method)))
        {
            return method(CategoricalPair.OfTop(pair.Reference, pair.Current, top)) with { Method = identity };
        }

        throw new ArgumentException($"Unknown categorical method '{identity}'.", nameof(identity));
    }

    internal static MethodResult WithTop(MethodResult result, int top)
    {
        var parameter = FormattableString.Invariant($"{TopParameter}{top})");
        return result with { Method = result.Method[^1] == ')' ? $"{result.Method[..^1]},{parameter}" : $"{result.Method}({parameter}" };
    }
}
