using MLOpsLearn.Statistics.Binning;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Drift;

/// <summary>Tests, effects and distances of one column, before the correction over columns.</summary>
internal static class ColumnComparison
{
    private const int ListedCategories = 100;
    private const int LargestCategorical = 1000;

    public static ColumnDrift Compare(DriftColumn? reference, DriftColumn? current, DriftOptions options, CancellationToken cancellationToken)
    {
        var named = (reference ?? current)!;
        var drift = new ColumnDrift
        {
            Name = named.Name,
            Kind = named.Kind,
            Reference = reference?.Counts ?? default,
            Current = current?.Counts ?? default,
            Values = NotComparable(named.Kind, options),
        };
        if (reference is null || current is null || !reference.IsComparable(current))
        {
            return drift;
        }

        drift = drift with { Missingness = Missingness(reference.Counts, current.Counts, options) };
        drift = reference.NumericSample is { } left && current.NumericSample is { } right
            ? Numeric(drift, new(left, right), options, cancellationToken)
            : Categorical(drift, reference.Categories, current.Categories, options, cancellationToken);
        return (reference.Unjudged ?? current.Unjudged) is { } reason && drift.Values.Test.IsDefined
            ? drift with { Values = drift.Values with { Test = MethodResult.Without(drift.Values.Test.Method, reason) } }
            : drift;
    }

    private static ColumnDrift Numeric(ColumnDrift drift, NumericPair pair, DriftOptions options, CancellationToken cancellationToken)
    {
        var test = KolmogorovSmirnov.Test(pair, cancellationToken);
        return drift with
        {
            Values = new(Guard(test, pair.Current.Count, options), null, test with { PValue = null, Exact = null }, options.NumericEffectFloor, null),
            Distances =
            [
                BinnedDistance.Psi(pair), TransportDistance.OfWasserstein(pair), TransportDistance.OfWassersteinNormalised(pair),
            ],
        };
    }

    private static ColumnDrift Categorical(
        ColumnDrift drift, CategoricalSample reference, CategoricalSample current, DriftOptions options, CancellationToken cancellationToken)
    {
        var (news, newRows) = CategoryNovelty.OnlyIn(current, reference, ListedCategories);
        drift = drift with
        {
            Kind = ColumnKind.Categorical,
            NewCategories = news,
            GoneCategories = CategoryNovelty.OnlyIn(reference, current, ListedCategories).Categories,
            NewCategoryShare = current.Counts.Valid == 0 ? 0 : (double)newRows / current.Counts.Valid,
        };
        if (IsIdentifier(reference))
        {
            const UndefinedReason reason = UndefinedReason.IdentifierLike;
            return drift with
            {
                Values = new(
                    MethodResult.Without(ChiSquared.Homogeneity, reason), null, MethodResult.Without(CategoryEffect.CramersVBalanced, reason),
                    options.CategoricalEffectFloor, null),
            };
        }

        // A window that invents values without end is compared on those of the reference and the rest as one.
        var many = current.Distinct > LargestCategorical;
        var pair = many ? CategoricalPair.OfTop(reference, current, LargestCategorical) : new(reference, current);
        MethodResult Named(MethodResult result) => many ? CategoricalMethods.WithTop(result, LargestCategorical) : result;
        return drift with
        {
            Values = new(
                Guard(Named(SparseTable.Test(pair, cancellationToken)), current.Counts.Valid, options), null,
                Named(CategoryEffect.OfCramersVBalanced(pair)), options.CategoricalEffectFloor, null),
            Distances = [Named(CategoryDivergence.Psi(pair))],
        };
    }

    private static bool IsIdentifier(CategoricalSample reference) =>
        reference.Distinct > 1 && (reference.Distinct > LargestCategorical || reference.Distinct > reference.Counts.Valid / 5.0);

    private static TestVerdict? Missingness(ValueCounts reference, ValueCounts current, DriftOptions options)
    {
        if (reference.Missing + current.Missing == 0 || reference.Rows == 0 || current.Rows == 0)
        {
            return null;
        }

        var pair = new CategoricalPair(Table(reference), Table(current));
        return new(
            Guard(SparseTable.Test(pair) is var test ? test with { Method = $"missingness:{test.Method}" } : test, current.Rows, options),
            null,
            CategoryEffect.OfCramersVBalanced(pair),
            options.MissingnessEffectFloor,
            null);

        static CategoricalSample Table(ValueCounts counts) =>
            CategoricalSample.FromCounts([CategoryKey.Of(false), CategoryKey.Of(true)], [counts.Rows - counts.Missing, counts.Missing]);
    }

    private static MethodResult Guard(MethodResult test, long currentRows, DriftOptions options) =>
        test.IsDefined && currentRows < options.MinimumRows ? MethodResult.Without(test.Method, UndefinedReason.BelowMinSample) : test;

    private static TestVerdict NotComparable(ColumnKind kind, DriftOptions options)
    {
        var (method, effect, floor) = kind == ColumnKind.Numeric
            ? (KolmogorovSmirnov.Auto, KolmogorovSmirnov.Auto, options.NumericEffectFloor)
            : (ChiSquared.Homogeneity, CategoryEffect.CramersVBalanced, options.CategoricalEffectFloor);
        return new(
            MethodResult.Without(method, UndefinedReason.NotComparable),
            null,
            MethodResult.Without(effect, UndefinedReason.NotComparable),
            floor,
            null);
    }
}
