using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics;

/// <summary>A named column of one side of a comparison. Sides are cleaned and sorted once; a column may be compared many times.</summary>
public sealed class DriftColumn
{
    private readonly Lazy<NumericSample>? _numeric;
    private readonly Lazy<CategoricalSample>? _categorical;

    private DriftColumn(string name, Lazy<NumericSample>? numeric, Lazy<CategoricalSample>? categorical)
    {
        ArgumentNullException.ThrowIfNull(name);
        (Name, _numeric, _categorical) = (name, numeric, categorical);
    }

    /// <summary>Name, compared ordinally.</summary>
    public string Name { get; }

    /// <summary>How the column is compared.</summary>
    public ColumnKind Kind => _numeric is null ? ColumnKind.Categorical : ColumnKind.Numeric;

    /// <summary>What cleaning found.</summary>
    public ValueCounts Counts => _numeric?.Value.Counts ?? _categorical!.Value.Counts;

    /// <summary>The sorted sample; null for a categorical column.</summary>
    public NumericSample? NumericSample => _numeric?.Value;

    /// <summary>The counts; null for a numeric column.</summary>
    public CategoricalSample? CategoricalSample => _categorical?.Value;

    /// <summary>A numeric column. It is read when first compared, so the memory must not change before.</summary>
    /// <param name="name">Column name.</param>
    /// <param name="values">One number a row; NaN and infinities are counted and left out.</param>
    /// <param name="nulls">Rows without a value that are not in <paramref name="values"/>.</param>
    /// <param name="typeViolations">Rows with something else than a number, likewise not in <paramref name="values"/>.</param>
    public static DriftColumn Numeric(string name, ReadOnlyMemory<double> values, long nulls = 0, long typeViolations = 0) =>
        new(name, new(() => Statistics.Numeric.NumericSample.Create(values.Span, nulls, typeViolations)), null);

    /// <summary>A numeric column that is cleaned already.</summary>
    public static DriftColumn Numeric(string name, NumericSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(name, new(sample), null);
    }

    /// <summary>A categorical column, dictionary-coded; a negative code is null. The dictionaries of the two sides may differ.</summary>
    public static DriftColumn Categorical(string name, ReadOnlyMemory<int> codes, IReadOnlyList<string> dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        return new(name, null, new(() => Statistics.Categorical.CategoricalSample.Create(
            codes.Span, [.. dictionary.Select(CategoryKey.Of)])));
    }

    /// <summary>A categorical column of plain text; null is a missing value.</summary>
    public static DriftColumn Categorical(string name, IEnumerable<string?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(name, null, new(() => Statistics.Categorical.CategoricalSample.Create(values)));
    }

    /// <summary>A categorical column that is counted already.</summary>
    public static DriftColumn Categorical(string name, CategoricalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(name, null, new(sample));
    }
}
