using System.Collections.Frozen;
using MLOpsLearn.Learning.Scoring;
using MLOpsLearn.Learning.Specification;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Learning.FeatureEncoding;

/// <summary>
/// Fits the encoders of a specification to training rows, and encodes those rows. A target mean that a row took part in would tell the trainer
/// the row's own label, so for training it comes from the other folds only; for serving, from all rows.
/// </summary>
internal sealed class EncoderFitter
{
    private const int Folds = 5;

    /// <summary>Weight of the overall mean, in rows: a category with as many rows lies half-way.</summary>
    private const double Smoothing = 20;

    private readonly ColumnTable _table;
    private readonly ReadOnlyMemory<double> _target;
    private readonly int[] _folds;
    private readonly double _mean;

    public EncoderFitter(PipelineSpecification specification, ColumnTable table, int seed)
    {
        _table = table;
        _target = table.Numbers(specification.Target.Name);
        _mean = Mean(_target.Span);
        var random = new Random(seed);
        _folds = new int[table.Rows];
        for (var row = 0; row < _folds.Length; row++)
        {
            _folds[row] = random.Next(Folds);
        }
    }

    /// <summary>Encoders for trees, and the training rows as they encode them, row by row.</summary>
    public (IReadOnlyList<FeatureEncoder> Encoders, float[] Features) FitForTrees(PipelineSpecification specification, ModelSignature signature)
    {
        var width = specification.Features.Count;
        var features = new float[_table.Rows * width];
        var encoders = new List<FeatureEncoder>(width);
        for (var at = 0; at < width; at++)
        {
            var feature = specification.Features[at];
            encoders.Add(Fit(feature, signature));
            Fill(feature, encoders[at], signature, features, at, width);
        }

        return (encoders, features);
    }

    public static int InputOf(ModelSignature signature, string name)
    {
        for (var i = 0; i < signature.Inputs.Count; i++)
        {
            if (signature.Inputs[i].Name == name)
            {
                return i;
            }
        }

        throw new ArgumentException($"The signature has no input '{name}'.", nameof(name));
    }

    public static FrozenDictionary<string, int> IndexOf(TableColumn.Categorical column) =>
        column.Dictionary.Select((text, index) => KeyValuePair.Create(text, index)).ToFrozenDictionary(StringComparer.Ordinal);

    public static FeatureEncoder.Number FitNumber(FeatureSpecification feature, int input, ReadOnlySpan<double> values)
    {
        var valid = new List<double>(values.Length);
        foreach (var value in values)
        {
            if (double.IsFinite(value))
            {
                valid.Add(value);
            }
        }

        valid.Sort();
        var low = (float)(feature.Clip?.Low ?? float.MinValue);
        var high = (float)(feature.Clip?.High ?? float.MaxValue);
        return new FeatureEncoder.Number(input, low, high, valid.Count == 0 ? 0 : Math.Clamp((float)valid[valid.Count / 2], low, high));
    }

    private FeatureEncoder Fit(FeatureSpecification feature, ModelSignature signature)
    {
        if (feature.Cross is { } cross)
        {
            var first = Categories(cross.First);
            var second = Categories(cross.Second);
            var keys = PairKeys(first, second);
            return new FeatureEncoder.Pair(
                InputOf(signature, cross.First), InputOf(signature, cross.Second), IndexOf(first), IndexOf(second), Means(keys, fold: -1).ToFrozenDictionary(), (float)_mean);
        }

        var input = InputOf(signature, feature.Name);
        if (feature.Kind == ColumnKind.Numeric)
        {
            return FitNumber(feature, input, _table.Numbers(feature.Name).Span);
        }

        var column = Categories(feature.Name);
        if (feature.Encode == CategoryEncoding.TargetMean)
        {
            var means = Means(Keys(column), fold: -1);
            return new FeatureEncoder.Category(
                input,
                column.Dictionary.Select((text, code) => (text, code)).Where(pair => means.ContainsKey(pair.code))
                    .ToFrozenDictionary(pair => pair.text, pair => means[pair.code], StringComparer.Ordinal),
                (float)_mean);
        }

        return column.Dictionary.All(text => BatchEncoder.ParseInteger(text).HasValue)
            ? new FeatureEncoder.IntegerCategory(input, -1)
            : new FeatureEncoder.Category(
                input, column.Dictionary.Select((text, code) => (text, code)).ToFrozenDictionary(pair => pair.text, pair => (float)pair.code, StringComparer.Ordinal), -1);
    }

    private void Fill(FeatureSpecification feature, FeatureEncoder encoder, ModelSignature signature, float[] features, int at, int width)
    {
        if (feature.Kind == ColumnKind.Categorical && feature.Encode == CategoryEncoding.TargetMean)
        {
            var keys = feature.Cross is { } cross ? PairKeys(Categories(cross.First), Categories(cross.Second)) : Keys(Categories(feature.Name));
            for (var fold = 0; fold < Folds; fold++)
            {
                var means = Means(keys, fold);
                for (var row = 0; row < keys.Length; row++)
                {
                    if (_folds[row] == fold)
                    {
                        features[(row * width) + at] = means.TryGetValue(keys[row], out var mean) ? mean : (float)_mean;
                    }
                }
            }

            return;
        }

        // Every other encoder treats a training row as it will treat a served one.
        var inputs = signature.Inputs.Select(input => _table.Find(input.Name)!).ToList();
        var column = new float[_table.Rows];
        BatchEncoder.Encode([encoder], inputs, column, new int[inputs.Count]);
        for (var row = 0; row < column.Length; row++)
        {
            features[(row * width) + at] = column[row];
        }
    }

    private TableColumn.Categorical Categories(string name) => _table.Find(name) as TableColumn.Categorical
        ?? throw new ArgumentException($"There is no categorical column '{name}'.", nameof(name));

    private static long[] Keys(TableColumn.Categorical column)
    {
        var keys = new long[column.Rows];
        var codes = column.Codes.Span;
        for (var row = 0; row < keys.Length; row++)
        {
            keys[row] = codes[row];
        }

        return keys;
    }

    private static long[] PairKeys(TableColumn.Categorical first, TableColumn.Categorical second)
    {
        var keys = new long[first.Rows];
        var firsts = first.Codes.Span;
        var seconds = second.Codes.Span;
        for (var row = 0; row < keys.Length; row++)
        {
            keys[row] = firsts[row] < 0 || seconds[row] < 0 ? -1 : FeatureEncoder.Pair.PairKey(firsts[row], seconds[row]);
        }

        return keys;
    }

    /// <summary>Smoothed means by key over all rows that are not of <paramref name="fold"/>; negative keys are missing values.</summary>
    private Dictionary<long, float> Means(long[] keys, int fold)
    {
        var sums = new Dictionary<long, (double Sum, int Count)>();
        var target = _target.Span;
        for (var row = 0; row < keys.Length; row++)
        {
            if (keys[row] >= 0 && _folds[row] != fold)
            {
                var (sum, count) = sums.GetValueOrDefault(keys[row]);
                sums[keys[row]] = (sum + target[row], count + 1);
            }
        }

        return sums.ToDictionary(pair => pair.Key, pair => (float)((pair.Value.Sum + (Smoothing * _mean)) / (pair.Value.Count + Smoothing)));
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return values.Length == 0 ? 0 : sum / values.Length;
    }
}
