namespace MLOpsLearn.Statistics.Estimation;

/// <summary>
/// Turns mixed columns into complete rows of numbers, by what a reference shows: a missing number becomes the mean, a missing category the
/// most frequent one (ties ordinal), and a category the share of the reference's rows it has, 0 for one the reference never saw. Immutable.
/// </summary>
public sealed class RowEncoder
{
    private readonly (double Mean, Dictionary<string, double>? Frequencies)[] _columns;

    private RowEncoder((double, Dictionary<string, double>?)[] columns) => _columns = columns;

    /// <summary>Learns from a reference.</summary>
    /// <param name="columns">Columns of equal length.</param>
    /// <exception cref="ArgumentException">The columns differ in length.</exception>
    public static RowEncoder Fit(IReadOnlyList<FeatureColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        CheckLengths(columns);
        return new([.. columns.Select(column => column.Values is { } numbers ? (Mean(numbers), null) : Frequencies(column.Labels!))]);
    }

    /// <summary>Encodes columns of the same kinds in the same order.</summary>
    /// <exception cref="ArgumentException">The columns are not those of the reference, or differ in length.</exception>
    public double[][] Encode(IReadOnlyList<FeatureColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Count, _columns.Length, nameof(columns));
        CheckLengths(columns);
        var rows = new double[columns.Count == 0 ? 0 : columns[0].Rows][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new double[columns.Count];
        }

        for (var j = 0; j < columns.Count; j++)
        {
            var (missing, frequencies) = _columns[j];
            if ((columns[j].Labels is null) != (frequencies is null))
            {
                throw new ArgumentException($"Column {j} is of another kind than in the reference.", nameof(columns));
            }

            for (var i = 0; i < rows.Length; i++)
            {
                rows[i][j] = frequencies is null
                    ? (double.IsFinite(columns[j].Values![i]) ? columns[j].Values![i] : missing)
                    : columns[j].Labels![i] is { } label ? frequencies.GetValueOrDefault(label) : missing;
            }
        }

        return rows;
    }

    private static double Mean(double[] numbers)
    {
        double[] finite = [.. numbers.Where(double.IsFinite)];
        return finite.Length == 0 ? 0 : Numeric.Moments.Of(finite).Mean;
    }

    // The frequency of the mode stands for a missing category.
    private static (double, Dictionary<string, double>) Frequencies(string?[] labels)
    {
        var counts = new Dictionary<string, double>(StringComparer.Ordinal);
        double present = 0;
        foreach (var label in labels)
        {
            if (label is not null)
            {
                counts[label] = counts.GetValueOrDefault(label) + 1;
                present++;
            }
        }

        var frequencies = counts.ToDictionary(pair => pair.Key, pair => pair.Value / present, StringComparer.Ordinal);
        return (frequencies.Count == 0 ? 0 : frequencies.Values.Max(), frequencies);
    }

    private static void CheckLengths(IReadOnlyList<FeatureColumn> columns)
    {
        for (var j = 1; j < columns.Count; j++)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(columns[j].Rows, columns[0].Rows, nameof(columns));
        }
    }
}
