using System.Globalization;
using MLOpsLearn.Statistics.Numeric;

namespace MLOpsLearn.Statistics.Derived;

/// <summary>
/// Numbers that come as text. Read the same everywhere: a point before the decimals, no separator of thousands, surrounding white space
/// ignored. "12,5", "n/a", "NaN" and "inf" are type violations; a number beyond the range of a double is an infinity.
/// </summary>
public static class NumberText
{
    private const NumberStyles Accepted = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent
        | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    /// <summary>Reads one number.</summary>
    /// <returns>False for text that is none.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        value = double.NaN;
        return text.IndexOfAnyInRange('0', '9') >= 0 && double.TryParse(text, Accepted, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Reads and cleans a column; null is a missing value.</summary>
    public static NumericSample Parse(IEnumerable<string?> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var values = new List<double?>();
        long violations = 0;
        foreach (var text in texts)
        {
            if (text is null)
            {
                values.Add(null);
            }
            else if (TryParse(text, out var value))
            {
                values.Add(value);
            }
            else
            {
                violations++;
            }
        }

        return NumericSample.Create(values, violations);
    }
}
