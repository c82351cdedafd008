using System.Globalization;
using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>Categories, counted by DuckDB.</summary>
internal sealed class CategoryCounts : RawColumn
{
    private const double LargestExactInteger = 9007199254740992;
    private readonly List<CategoryKey> _keys = [];
    private readonly List<long> _counts = [];
    private long _nulls;

    public void Add(string? text, long rows, ColumnPlan plan)
    {
        if (text is null)
        {
            _nulls += rows;
            return;
        }

        _keys.Add(KeyOf(text, plan));
        _counts.Add(rows);
    }

    public override IReadOnlyList<DriftColumn> Derive(ColumnPlan plan, RawColumn other) =>
        [DriftColumn.Categorical(plan.Name, CategoricalSample.FromCounts(_keys, _counts, _nulls))];

    // The types of the two sides meet here: a csv's 1, an INTEGER's 1 and a DOUBLE's 1.0 are one category.
    private static CategoryKey KeyOf(string text, ColumnPlan plan)
    {
        if (plan.HasNumberKeys && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= LargestExactInteger)
        {
            return CategoryKey.Of(number);
        }

        return plan.HasBooleanKeys && bool.TryParse(text, out var value) ? CategoryKey.Of(value) : CategoryKey.Of(text);
    }
}
