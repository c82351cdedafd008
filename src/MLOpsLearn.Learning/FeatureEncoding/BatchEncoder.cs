using System.Globalization;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Learning.FeatureEncoding;

/// <summary>
/// Turns columns into feature vectors, row by row in one array. Each category of a batch is looked up once, however many rows have it, so the
/// work for a row is an index into a small table.
/// </summary>
internal static class BatchEncoder
{
    /// <param name="encoders">One for each feature.</param>
    /// <param name="inputs">Input columns in the order of the signature.</param>
    /// <param name="features">rows × encoders.Count, filled row by row.</param>
    /// <param name="unseen">For each input, grows by the number of rows with a category that the model does not know.</param>
    public static void Encode(IReadOnlyList<FeatureEncoder> encoders, IReadOnlyList<TableColumn> inputs, Span<float> features, Span<int> unseen)
    {
        var width = encoders.Count;
        for (var feature = 0; feature < width; feature++)
        {
            switch (encoders[feature])
            {
                case FeatureEncoder.Number number:
                    EncodeNumbers(number, (TableColumn.Numeric)inputs[number.Input], features, feature, width);
                    break;
                case FeatureEncoder.IntegerCategory integer:
                    EncodeCategories((TableColumn.Categorical)inputs[integer.Input], text => ParseInteger(text), integer.Unseen, features, feature, width, ref unseen[integer.Input]);
                    break;
                case FeatureEncoder.Category category:
                    EncodeCategories(
                        (TableColumn.Categorical)inputs[category.Input],
                        text => category.Values.TryGetValue(text, out var value) ? value : null,
                        category.Unseen,
                        features,
                        feature,
                        width,
                        ref unseen[category.Input]);
                    break;
                case FeatureEncoder.Pair pair:
                    EncodePairs(pair, (TableColumn.Categorical)inputs[pair.First], (TableColumn.Categorical)inputs[pair.Second], features, feature, width);
                    break;
            }
        }
    }

    public static float? ParseInteger(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void EncodeNumbers(FeatureEncoder.Number number, TableColumn.Numeric column, Span<float> features, int feature, int width)
    {
        var values = column.Values.Span;
        for (int row = 0, at = feature; row < values.Length; row++, at += width)
        {
            var value = (float)values[row];
            features[at] = float.IsNaN(value) ? number.Missing : Math.Clamp(value, number.Low, number.High);
        }
    }

    private static void EncodeCategories(
        TableColumn.Categorical column, Func<string, float?> encode, float unseenValue, Span<float> features, int feature, int width, ref int unseen)
    {
        var table = new float[column.Dictionary.Count];
        var known = new bool[column.Dictionary.Count];
        for (var code = 0; code < table.Length; code++)
        {
            var value = encode(column.Dictionary[code]);
            table[code] = value ?? unseenValue;
            known[code] = value.HasValue;
        }

        var codes = column.Codes.Span;
        for (int row = 0, at = feature; row < codes.Length; row++, at += width)
        {
            var code = codes[row];
            if (code < 0)
            {
                features[at] = unseenValue;
                continue;
            }

            features[at] = table[code];
            unseen += known[code] ? 0 : 1;
        }
    }

    private static void EncodePairs(
        FeatureEncoder.Pair pair, TableColumn.Categorical first, TableColumn.Categorical second, Span<float> features, int feature, int width)
    {
        var firsts = Indexes(first.Dictionary, pair.FirstIndex);
        var seconds = Indexes(second.Dictionary, pair.SecondIndex);
        var firstCodes = first.Codes.Span;
        var secondCodes = second.Codes.Span;
        for (int row = 0, at = feature; row < firstCodes.Length; row++, at += width)
        {
            var a = firstCodes[row] < 0 ? -1 : firsts[firstCodes[row]];
            var b = secondCodes[row] < 0 ? -1 : seconds[secondCodes[row]];
            features[at] = a >= 0 && b >= 0 && pair.Values.TryGetValue(FeatureEncoder.Pair.PairKey(a, b), out var value) ? value : pair.Unseen;
        }
    }

    private static int[] Indexes(IReadOnlyList<string> dictionary, System.Collections.Frozen.FrozenDictionary<string, int> known)
    {
        var indexes = new int[dictionary.Count];
        for (var code = 0; code < indexes.Length; code++)
        {
            indexes[code] = known.TryGetValue(dictionary[code], out var index) ? index : -1;
        }

        return indexes;
    }
}
