using System.Globalization;
using System.Runtime.InteropServices;
using MLOpsLearn.Learning.Tables;

namespace MLOpsLearn.Inference.Prediction;

/// <summary>
/// Codes categories by the order in which they first appear in a request. A number's text is made once for each distinct number, not for
/// each row.
/// </summary>
internal static class CategoryCoder
{
    private const int LongestText = 500;
    private const double LargestInteger = 9_007_199_254_740_991;

    [ThreadStatic]
    private static Dictionary<long, int>? _numbers;

    [ThreadStatic]
    private static Dictionary<string, int>? _texts;

    public static ColumnFault? OfInt64s(string name, ReadOnlySpan<long> values, out TableColumn column)
    {
        var known = Cleared(ref _numbers);
        var dictionary = new List<string>();
        var codes = new int[values.Length];
        for (var row = 0; row < values.Length; row++)
        {
            codes[row] = CodeOf(values[row], known, dictionary);
        }

        column = new TableColumn.Categorical(name, codes, dictionary);
        return null;
    }

    public static ColumnFault? OfDoubles(string name, ReadOnlySpan<double> values, out TableColumn column)
    {
        var known = Cleared(ref _numbers);
        var dictionary = new List<string>();
        var codes = new int[values.Length];
        column = new TableColumn.Categorical(name, codes, dictionary);
        for (var row = 0; row < values.Length; row++)
        {
            var value = values[row];
            if (double.IsNaN(value))
            {
                codes[row] = -1;
            }
            else if (Math.Abs(value) > LargestInteger || Math.Truncate(value) != value)
            {
                return ColumnFault.InRow(row, value, "must be an integer below 2^53 or NaN, for the column is categorical");
            }
            else
            {
                codes[row] = CodeOf((long)value, known, dictionary);
            }
        }

        return null;
    }

    public static ColumnFault? OfStrings(string name, IReadOnlyList<string> values, out TableColumn column)
    {
        var known = Cleared(ref _texts);
        var dictionary = new List<string>();
        var codes = new int[values.Count];
        column = new TableColumn.Categorical(name, codes, dictionary);
        for (var row = 0; row < codes.Length; row++)
        {
            var text = values[row];
            if (text.Length == 0)
            {
                codes[row] = -1;
                continue;
            }

            if (text.Length > LongestText)
            {
                return ColumnFault.InRow(row, text, $"must have at most {LongestText} characters");
            }

            ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(known, text, out var exists);
            if (!exists)
            {
                if (!IsClean(text))
                {
                    return ColumnFault.InRow(row, text, "must not contain control characters");
                }

                code = dictionary.Count;
                dictionary.Add(text);
            }

            codes[row] = code;
        }

        return null;
    }

    private static int CodeOf(long value, Dictionary<long, int> known, List<string> dictionary)
    {
        ref var code = ref CollectionsMarshal.GetValueRefOrAddDefault(known, value, out var exists);
        if (!exists)
        {
            code = dictionary.Count;
            dictionary.Add(value.ToString(CultureInfo.InvariantCulture));
        }

        return code;
    }

    private static bool IsClean(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            // What is no character comes as the replacement character.
            if (System.Text.Rune.IsControl(rune) || rune == System.Text.Rune.ReplacementChar)
            {
                return false;
            }
        }

        return true;
    }

    private static Dictionary<TKey, int> Cleared<TKey>(ref Dictionary<TKey, int>? dictionary) where TKey : notnull
    {
        dictionary ??= [];
        dictionary.Clear();
        return dictionary;
    }
}
