using System.Globalization;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Binning;

/// <summary>
/// Divergences of a numeric pair over bins. Undefined only when a side is empty. Without drift the PSI of k bins is about
/// (k - 1)(1/n + 1/m), not 0: a fixed limit means something else at every window size.
/// </summary>
public static class BinnedDistance
{
    /// <summary>Population stability index, &gt;= 0.</summary>
    public static MethodResult Psi(NumericPair pair, BinRule rule = BinRule.ReferenceDeciles, ZeroFill fill = ZeroFill.Fixed) =>
        Of(pair, rule, $"psi(bins={Name(rule)},{Divergence.Name(fill)})", shares => Divergence.Psi(shares, fill));

    /// <summary>What each reference decile adds to <c>psi(bins=ref-deciles,zero=1e-4)</c>; empty when a side is empty.</summary>
    public static IReadOnlyList<BinContribution> PsiContributions(NumericPair pair)
    {
        if (NumericBins.Count(pair, BinRule.ReferenceDeciles) is not { } bins)
        {
            return [];
        }

        var terms = Divergence.PsiTerms(bins.Shares, ZeroFill.Fixed);
        string Edge(int i) => bins.Edges[i].ToString("G5", CultureInfo.InvariantCulture);
        return [.. terms.Select((term, i) => new BinContribution(
            i == 0 ? $"≤ {Edge(0)}" : i == bins.Edges.Count ? $"> {Edge(i - 1)}" : $"{Edge(i - 1)} – {Edge(i)}",
            bins.Shares.P(i),
            bins.Shares.Q(i),
            term))];
    }

    /// <summary>Kullback-Leibler divergence of the reference from the current side, in nats.</summary>
    public static MethodResult KullbackLeibler(
        NumericPair pair, BinRule rule = BinRule.ReferenceDeciles, ZeroFill fill = ZeroFill.Fixed) =>
        Of(pair, rule, $"kl(bins={Name(rule)},{Divergence.Name(fill)})", shares => Divergence.KullbackLeibler(shares, fill));

    /// <summary>Jensen-Shannon distance in nats, at most sqrt(ln 2).</summary>
    public static MethodResult JensenShannon(NumericPair pair, BinRule rule = BinRule.ReferenceDeciles) =>
        Of(pair, rule, $"js(bins={Name(rule)},log=e)", shares => Divergence.JensenShannon(shares, Math.E));

    /// <summary>Jensen-Shannon distance in bits, at most 1.</summary>
    public static MethodResult JensenShannonBits(NumericPair pair, BinRule rule = BinRule.ReferenceDeciles) =>
        Of(pair, rule, $"js(bins={Name(rule)},log=2)", shares => Divergence.JensenShannon(shares, 2));

    /// <summary>Hellinger distance, 0 to 1.</summary>
    public static MethodResult Hellinger(NumericPair pair, BinRule rule = BinRule.ReferenceDeciles) =>
        Of(pair, rule, $"hellinger(bins={Name(rule)})", shares => Divergence.Hellinger(shares));

    /// <summary>As <see cref="Psi(NumericPair, BinRule, ZeroFill)"/> on raw rows: linear in their number for <see cref="BinRule.SturgesPooled"/>.</summary>
    public static MethodResult Psi(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> current, BinRule rule = BinRule.ReferenceDeciles, ZeroFill fill = ZeroFill.Fixed) =>
        rule == BinRule.SturgesPooled && UnsortedBins.Sturges(reference, current) is { } shares
            ? MethodResult.Of($"psi(bins={Name(rule)},{Divergence.Name(fill)})", Divergence.Psi(shares, fill)) with { Bins = shares.Bins }
            : Psi(NumericPair.Create(reference, current), rule, fill);

    /// <summary>As <see cref="JensenShannon(NumericPair, BinRule)"/> on raw rows: linear in their number for <see cref="BinRule.SturgesPooled"/>.</summary>
    public static MethodResult JensenShannon(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> current, BinRule rule = BinRule.ReferenceDeciles) =>
        rule == BinRule.SturgesPooled && UnsortedBins.Sturges(reference, current) is { } shares
            ? MethodResult.Of($"js(bins={Name(rule)},log=e)", Divergence.JensenShannon(shares, Math.E)) with { Bins = shares.Bins }
            : JensenShannon(NumericPair.Create(reference, current), rule);

    /// <summary>
    /// What PSI shows without any drift, about (k - 1)(1/n + 1/m): the mean of pure noise, to subtract or to compare with. With 10 bins,
    /// 1,000 and 100 rows it is 0.099, which the classic limit of 0.1 mistakes for drift.
    /// </summary>
    public static double ExpectedPsi(int bins, long referenceRows, long currentRows) =>
        (bins - 1) * (1.0 / referenceRows + 1.0 / currentRows);

    internal static string Name(BinRule rule) => rule switch
    {
        BinRule.ReferenceDeciles => "ref-deciles",
        BinRule.SturgesPooled => "sturges-pooled",
        BinRule.SturgesUnique => "sturges-unique",
        BinRule.DoaneReference => "doane-ref",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
    };

    private static MethodResult Of(NumericPair pair, BinRule rule, string method, Func<BinnedShares, double> statistic)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return NumericBins.Count(pair, rule) is { } bins
            ? MethodResult.Of(method, statistic(bins.Shares)) with { Bins = bins.Bins }
            : MethodResult.Without(method, pair.Empty!.Value);
    }
}
