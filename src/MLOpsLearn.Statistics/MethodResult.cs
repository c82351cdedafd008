namespace MLOpsLearn.Statistics;

/// <summary>One number of one method. Results of different <see cref="Method"/> never belong on one axis.</summary>
public sealed record MethodResult
{
    /// <summary>Method identity: name plus every parameter that changes the number, for example <c>ks(method=auto)</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The statistic; null when undefined. May be infinite where the formula says so (<c>chi2(gof)</c>).</summary>
    public double? Statistic { get; init; }

    /// <summary>Probability of a statistic at least this extreme without drift; null for plain distances.</summary>
    public double? PValue { get; init; }

    /// <summary>Set exactly when there is no statistic.</summary>
    public UndefinedReason? Undefined { get; init; }

    /// <summary>Degrees of freedom of the reference distribution, where it has them.</summary>
    public int? DegreesOfFreedom { get; init; }

    /// <summary>Number of bins of a binned distance.</summary>
    public int? Bins { get; init; }

    /// <summary>Whether the p-value comes from the exact law; null where there is only one law.</summary>
    public bool? Exact { get; init; }

    /// <summary>Smallest expected cell count of a table test.</summary>
    public double? MinExpected { get; init; }

    /// <summary>Whether there is a statistic.</summary>
    public bool IsDefined => Undefined is null;

    internal static MethodResult Of(string method, double statistic, double? pValue = null) =>
        double.IsNaN(statistic) || pValue is double.NaN
            ? Without(method, UndefinedReason.NotFinite)
            : new() { Method = method, Statistic = statistic, PValue = pValue };

    internal static MethodResult Without(string method, UndefinedReason reason) => new() { Method = method, Undefined = reason };
}
