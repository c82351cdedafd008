using System.Runtime.InteropServices;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Derived;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics;

/// <summary>
/// A named column of one side of a comparison. Sides are cleaned and sorted once, on first use; a column may be compared many times.
/// Text and instants are compared through what is derived from them: <see cref="Text"/> and <see cref="Instants(string, DateTimeColumn)"/> give several columns.
/// </summary>
public sealed class DriftColumn
{
    // Doubles skip whole numbers above this.
    private const long LargestExact = 1L << 53;
    private readonly Lazy<NumericSample>? _numeric;
    private readonly Lazy<CategoricalSample> _categorical;
    private readonly bool _integers;

    private DriftColumn(string name, Lazy<NumericSample>? numeric, Lazy<CategoricalSample> categorical, bool integers = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        (Name, _numeric, _categorical, _integers) = (name, numeric, categorical, integers);
    }

    /// <summary>Name, compared ordinally.</summary>
    public string Name { get; }

    /// <summary>How the column is compared.</summary>
    public ColumnKind Kind => _numeric is null ? ColumnKind.Categorical : ColumnKind.Numeric;

    /// <summary>What cleaning found.</summary>
    public ValueCounts Counts => _numeric?.Value.Counts ?? _categorical.Value.Counts;

    /// <summary>The sorted sample; null for a categorical column.</summary>
    public NumericSample? NumericSample => _numeric?.Value;

    /// <summary>The counts; null for a numeric column.</summary>
    public CategoricalSample? CategoricalSample => _numeric is null ? _categorical.Value : null;

    internal CategoricalSample Categories => _categorical.Value;

    /// <summary>Why the values get no verdict whatever they are; null when they get one.</summary>
    public UndefinedReason? Unjudged { get; private init; }

    internal bool IsComparable(DriftColumn other) => Kind == other.Kind || (_integers && other._integers);

    /// <summary>A numeric column. It is read when first compared, so the memory must not change before.</summary>
    /// <param name="name">Column name.</param>
    /// <param name="values">One number a row; NaN and infinities are counted and left out.</param>
    /// <param name="nulls">Rows without a value that are not in <paramref name="values"/>.</param>
    /// <param name="typeViolations">Rows with something else than a number, likewise not in <paramref name="values"/>.</param>
    public static DriftColumn Numeric(string name, ReadOnlyMemory<double> values, long nulls = 0, long typeViolations = 0) =>
        Numeric(name, new Lazy<NumericSample>(() => Statistics.Numeric.NumericSample.Create(values.Span, nulls, typeViolations)));

    /// <summary>A numeric column that is cleaned already.</summary>
    public static DriftColumn Numeric(string name, NumericSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return Numeric(name, new Lazy<NumericSample>(sample));
    }

    /// <summary>
    /// A column of whole numbers: numeric while all lie within 2^53 of zero. Beyond, doubles would make neighbours equal, so it is
    /// categorical then, exact to the last digit, and so is its comparison with any other column of whole numbers.
    /// </summary>
    /// <param name="name">Column name.</param>
    /// <param name="values">One number a row; read at once.</param>
    /// <param name="nulls">Rows without a value that are not in <paramref name="values"/>.</param>
    public static DriftColumn Integers(string name, ReadOnlySpan<long> values, long nulls = 0)
    {
        var numbers = new double[values.Length];
        var exact = true;
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = values[i];
            exact &= values[i] is >= -LargestExact and <= LargestExact;
        }

        if (exact)
        {
            var sample = new Lazy<NumericSample>(() => Statistics.Numeric.NumericSample.Create(numbers, nulls));
            return new(name, sample, new(() => sample.Value.AsCategories()), integers: true);
        }

        var counts = new Dictionary<long, long>();
        foreach (var value in values)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
        }

        return new(
            name, null, new(Statistics.Categorical.CategoricalSample.FromCounts([.. counts.Keys.Select(CategoryKey.Of)], [.. counts.Values], nulls)),
            integers: true);
    }

    /// <summary>A numeric column that comes as text, read without regard to any locale; what is no number is a type violation.</summary>
    public static DriftColumn Parse(string name, IEnumerable<string?> texts) => Numeric(name, NumberText.Parse(texts));

    /// <summary>
    /// The columns of a text: <c>name:length(unit=code-point)</c>, <c>name:words(split=unicode-whitespace)</c>, and
    /// <c>name:empty</c>, whether it is empty.
    /// </summary>
    public static IReadOnlyList<DriftColumn> Text(string name, IEnumerable<string?> texts)
    {
        var text = TextColumn.Create(texts);
        var present = text.Length.Counts.Valid;
        var empty = (long)Math.Round((text.EmptyShare ?? 0) * present);
        return
        [
            Numeric($"{name}:{TextColumn.LengthColumn}", text.Length),
            Numeric($"{name}:{TextColumn.WordsColumn}", text.Words),
            Categorical($"{name}:empty", Statistics.Categorical.CategoricalSample.FromCounts(
                [CategoryKey.Of(false), CategoryKey.Of(true)], [present - empty, empty], text.Length.Counts.Null)),
        ];
    }

    /// <summary>
    /// The columns of an instant: <c>name:hour(utc)</c>, <c>name:weekday(monday=0)</c>, <c>name:gap-seconds</c>. The instant itself always
    /// drifts and is never tested; hours of less than a day and weekdays of less than a week have no verdict (short_span).
    /// </summary>
    public static IReadOnlyList<DriftColumn> Instants(string name, DateTimeColumn instants)
    {
        ArgumentNullException.ThrowIfNull(instants);
        return
        [
            Cyclic($"{name}:{DateTimeColumn.HourColumn}", instants.Hour, instants.CoversDay),
            Cyclic($"{name}:{DateTimeColumn.WeekdayColumn}", instants.Weekday, instants.CoversWeek),
            Numeric($"{name}:{DateTimeColumn.GapColumn}", instants.GapSeconds),
        ];

        static DriftColumn Cyclic(string name, CategoricalSample sample, bool covers) =>
            covers ? Categorical(name, sample) : Categorical(name, sample).WithoutVerdict(UndefinedReason.ShortSpan);
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

    /// <summary>A categorical column that is counted already; <see cref="Statistics.Categorical.CategoricalSample.WithNullAsCategory"/> makes null a category.</summary>
    public static DriftColumn Categorical(string name, CategoricalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return new(name, null, new(sample));
    }

    /// <summary>The same column, compared and shown but without a verdict on its values; missingness is judged all the same.</summary>
    /// <param name="reason">What the verdict is replaced with.</param>
    public DriftColumn WithoutVerdict(UndefinedReason reason) => new(Name, _numeric, _categorical, _integers) { Unjudged = reason };

    private static DriftColumn Numeric(string name, Lazy<NumericSample> sample) => new(name, sample, new(() => sample.Value.AsCategories()));
}
