namespace MLOpsLearn.Statistics.Estimation;

/// <summary>A column of a table for methods that look at whole rows: numbers (NaN is missing) or coded categories (negative is missing).</summary>
public sealed class FeatureColumn
{
    private FeatureColumn(double[]? numbers, string?[]? categories) => (Values, Labels) = (numbers, categories);

    /// <summary>Number of rows.</summary>
    public int Rows => Values?.Length ?? Labels!.Length;

    internal double[]? Values { get; }

    internal string?[]? Labels { get; }

    /// <summary>Numbers; what is not finite is missing.</summary>
    public static FeatureColumn Numeric(ReadOnlySpan<double> values) => new(values.ToArray(), null);

    /// <summary>Categories; null is missing.</summary>
    public static FeatureColumn Categorical(IEnumerable<string?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new(null, [.. values]);
    }

    /// <summary>Dictionary-coded categories; a negative code is missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A code points past the dictionary.</exception>
    public static FeatureColumn Categorical(ReadOnlySpan<int> codes, IReadOnlyList<string> dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        var labels = new string?[codes.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(codes[i], dictionary.Count, nameof(codes));
            labels[i] = codes[i] < 0 ? null : dictionary[codes[i]];
        }

        return new(null, labels);
    }
}
