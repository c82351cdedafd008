using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Drift;

/// <summary>
/// The default choices of Evidently 0.7, for migration and comparison only: its distances alarm on most small windows without
/// drift, and its goodness-of-fit test on one unseen value. A column without values is undefined here; there it is an error.
/// </summary>
public sealed record EvidentlyReport
{
    /// <summary>Identity of the profile.</summary>
    public const string Profile = "evidently-compatible(0.7)";

    /// <summary>Share of drifted columns that makes a table drift.</summary>
    public const double DriftShare = 0.5;

    private const int SmallReference = 1000;
    private const double PValueLimit = 0.05;
    private const double DistanceLimit = 0.1;

    private EvidentlyReport(IReadOnlyList<EvidentlyColumn> columns) => Columns = columns;

    /// <summary>Columns of the reference.</summary>
    public IReadOnlyList<EvidentlyColumn> Columns { get; }

    /// <summary>Drifted columns / columns with a verdict; 0 without any.</summary>
    public double Share
    {
        get
        {
            var judged = Columns.Count(column => column.Drifted is not null);
            return judged == 0 ? 0 : (double)Columns.Count(column => column.Drifted == true) / judged;
        }
    }

    /// <summary>Whether the table drifted.</summary>
    public bool Drifted => Share >= DriftShare;

    /// <summary>Compares the reference's columns with those of the same name.</summary>
    public static EvidentlyReport Compare(
        IReadOnlyList<DriftColumn> reference, IReadOnlyList<DriftColumn> current, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var right = current.ToDictionary(column => column.Name, StringComparer.Ordinal);
        return new([.. reference.Select(column => Compare(column, right.GetValueOrDefault(column.Name), cancellationToken))]);
    }

    /// <summary>One report of columns that were compared apart.</summary>
    public static EvidentlyReport Of(IReadOnlyList<EvidentlyColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new(columns);
    }

    private static EvidentlyColumn Compare(DriftColumn reference, DriftColumn? current, CancellationToken cancellationToken)
    {
        if (current is null || current.Kind != reference.Kind)
        {
            var method = reference.Kind == ColumnKind.Numeric ? KolmogorovSmirnov.Auto : ChiSquared.GoodnessOfFit;
            return new(reference.Name, MethodResult.Without(method, UndefinedReason.NotComparable), PValueLimit, null, null);
        }

        if (reference.Kind == ColumnKind.Categorical)
        {
            return Categorical(reference.Name, new(reference.CategoricalSample!, current.CategoricalSample!));
        }

        var pair = new NumericPair(reference.NumericSample!, current.NumericSample!);
        if (pair.PooledDistinct <= 5)
        {
            return Categorical(reference.Name, new(pair.Reference.AsCategories(), pair.Current.AsCategories()));
        }

        return pair.Reference.Count <= SmallReference
            ? ByPValue(reference.Name, KolmogorovSmirnov.Test(pair, cancellationToken), inclusive: true)
            : ByDistance(reference.Name, TransportDistance.OfWassersteinNormalised(pair));
    }

    private static EvidentlyColumn Categorical(string name, CategoricalPair pair) =>
        pair.Shares.ReferenceTotal > SmallReference ? ByDistance(name, CategoryDivergence.JensenShannon(pair))
        : pair.Keys.Count <= 2 ? ByPValue(name, BinaryTests.TestZ(pair), inclusive: false)
        : ByPValue(name, ChiSquared.TestGoodnessOfFit(pair), inclusive: false);

    private static EvidentlyColumn ByPValue(string name, MethodResult result, bool inclusive) =>
        new(name, result, PValueLimit, result.PValue, result.PValue is not { } p ? null : inclusive ? p <= PValueLimit : p < PValueLimit);

    private static EvidentlyColumn ByDistance(string name, MethodResult result) =>
        new(name, result, DistanceLimit, result.Statistic, result.Statistic is { } distance ? distance >= DistanceLimit : null);
}
