using MLOpsLearn.Statistics;
using MLOpsLearn.Statistics.Categorical;
using MLOpsLearn.Statistics.Derived;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Cli.Drift.Reading;

/// <summary>What is compared of texts: their lengths, their numbers of words, how many are empty.</summary>
internal sealed class TextLengths(int rows) : RawColumn
{
    private readonly double[] _lengths = new double[rows];
    private readonly double[] _words = new double[rows];
    private int _count;
    private long _empty;

    public long Nulls { get; set; }

    public void Add(string text)
    {
        _lengths[_count] = TextColumn.CountCodePoints(text);
        _words[_count++] = TextColumn.CountWords(text);
        _empty += text.Length == 0 ? 1 : 0;
    }

    public override IReadOnlyList<DriftColumn> Derive(ColumnPlan plan, RawColumn other)
    {
        var columns = new List<DriftColumn>
        {
            DriftColumn.Numeric($"{plan.Name} {TextColumn.LengthColumn}", NumericSample.Create(_lengths.AsSpan(0, _count), Nulls)),
            DriftColumn.Numeric($"{plan.Name} {TextColumn.WordsColumn}", NumericSample.Create(_words.AsSpan(0, _count))),
        };
        if (_empty + ((TextLengths)other)._empty > 0)
        {
            columns.Add(DriftColumn.Categorical($"{plan.Name} empty", CategoricalSample.FromCounts(
                [CategoryKey.Of(false), CategoryKey.Of(true)], [_count - _empty, _empty])));
        }

        return columns;
    }
}
