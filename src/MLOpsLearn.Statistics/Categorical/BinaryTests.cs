using MLOpsLearn.Statistics.Distributions;

namespace MLOpsLearn.Statistics.Categorical;

/// <summary>Tests for at most two categories over both sides; undefined (not_binary) for more, and when a side is empty.</summary>
public static class BinaryTests
{
    /// <summary>Pooled z on the share of the larger key, two-sided.</summary>
    public const string ZTwoProportion = "z(two-proportion)";

    /// <summary>Fisher's exact test, two-sided.</summary>
    public const string FisherTwoSided = "fisher(two-sided)";

    // Tables as likely as the observed one count as extreme despite rounding.
    private const double Slack = 1 + 1e-7;

    /// <summary>One common category gives p 1.</summary>
    public static MethodResult TestZ(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(ZTwoProportion, reason);
        }

        var shares = pair.Shares;
        if (shares.Bins > 2)
        {
            return MethodResult.Without(ZTwoProportion, UndefinedReason.NotBinary);
        }

        if (shares.Bins == 1)
        {
            return MethodResult.Of(ZTwoProportion, 0, 1);
        }

        double n = shares.ReferenceTotal, m = shares.CurrentTotal;
        var pooled = (shares.Reference[1] + shares.Current[1]) / (n + m);
        var z = (shares.P(1) - shares.Q(1)) / Math.Sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
        return MethodResult.Of(ZTwoProportion, z, UpperTail.NormalTwoSided(z));
    }

    /// <summary>
    /// Sums all tables with the same margins that are at most as likely as the observed one. The statistic is the sample odds
    /// ratio (rows reference, current; columns in key order), infinite when a diagonal cell of the second kind is 0.
    /// </summary>
    public static MethodResult TestFisher(CategoricalPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        if (pair.Empty is { } reason)
        {
            return MethodResult.Without(FisherTwoSided, reason);
        }

        if (pair.Shares.Bins != 2)
        {
            return MethodResult.Without(FisherTwoSided, UndefinedReason.NotBinary);
        }

        long a = pair.Shares.Reference[0], b = pair.Shares.Reference[1], c = pair.Shares.Current[0], d = pair.Shares.Current[1];
        var odds = b * c == 0 ? double.PositiveInfinity : (double)a * d / ((double)b * c);
        return MethodResult.Of(FisherTwoSided, odds, FisherPValue(a, b, c, d));
    }

    private static double FisherPValue(long a, long b, long c, long d)
    {
        long row = a + b, column = a + c, total = a + b + c + d;
        long low = Math.Max(0, row + column - total), high = Math.Min(row, column);
        var mode = Math.Clamp((long)((row + 1.0) * (column + 1.0) / (total + 2.0)), low, high);

        // Weights relative to the mode, by the ratio of neighbours: no factorial, no cancellation.
        var weights = new Dictionary<long, double> { [mode] = 1 };
        var weight = 1.0;
        for (var x = mode; x < high && weight > 0; x++)
        {
            weight *= (double)(row - x) / (x + 1) * (column - x) / (total - row - column + x + 1);
            weights[x + 1] = weight;
        }

        weight = 1;
        for (var x = mode; x > low && weight > 0; x--)
        {
            weight *= (double)x / (row - x + 1) * (total - row - column + x) / (column - x + 1);
            weights[x - 1] = weight;
        }

        var limit = weights.GetValueOrDefault(a) * Slack;
        return Math.Min(1, weights.Values.Where(w => w <= limit).Order().Sum() / weights.Values.Order().Sum());
    }
}
