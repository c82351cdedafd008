using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Distributions;
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
    private const double TextLimit = 0.55;
    private const int FewestTexts = 4;

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

    /// <summary>One report of columns that were compared apart, for example by <see cref="CompareText"/>.</summary>
    public static EvidentlyReport Of(IReadOnlyList<EvidentlyColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new(columns);
    }

    /// <summary>
    /// A column of text: a classifier on its words tells the sides apart better than chance (above the 95th percentile of the area of random
    /// scores up to 1,000 reference rows, above 0.55 beyond). Undefined when a side is empty or has fewer than four texts.
    /// </summary>
    /// <param name="name">Column name.</param>
    /// <param name="reference">Texts; null is missing.</param>
    /// <param name="current">Texts of the window.</param>
    /// <param name="cancellationToken">Ends the fit.</param>
    public static EvidentlyColumn CompareText(
        string name, IEnumerable<string?> reference, IEnumerable<string?> current, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        string[] left = [.. reference.OfType<string>()], right = [.. current.OfType<string>()];
        double n = left.Length - left.Length / 2, m = right.Length - right.Length / 2;
        var threshold = left.Length > SmallReference ? TextLimit
            : n * m == 0 ? 1
            : 0.5 + UpperTail.NormalQuantile(0.95) * Math.Sqrt((n + m + 1) / (12 * n * m));
        var result = left.Length == 0 ? MethodResult.Without(TextClassifier.Method, UndefinedReason.EmptyReference)
            : right.Length == 0 ? MethodResult.Without(TextClassifier.Method, UndefinedReason.EmptyCurrent)
            : Math.Min(left.Length, right.Length) < FewestTexts ? MethodResult.Without(TextClassifier.Method, UndefinedReason.TooFew)
            : MethodResult.Of(TextClassifier.Method, TextClassifier.Area(left, right, cancellationToken) ?? double.NaN);
        return new(name, result, threshold, result.Statistic, result.Statistic is { } area ? area > threshold : null);
    }

    private static EvidentlyColumn Compare(DriftColumn reference, DriftColumn? current, CancellationToken cancellationToken)
    {
        if (current is null || !reference.IsComparable(current))
        {
            var method = reference.Kind == ColumnKind.Numeric ? KolmogorovSmirnov.Auto : ChiSquared.GoodnessOfFit;
            return new(reference.Name, MethodResult.Without(method, UndefinedReason.NotComparable), PValueLimit, null, null);
        }

        if (reference.NumericSample is null || current.NumericSample is null)
        {
            return Categorical(reference.Name, new(reference.Categories, current.Categories));
        }

        var pair = new NumericPair(reference.NumericSample, current.NumericSample);
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
