namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Difference of the columns of two tables. Everything but a changed order is a break.</summary>
/// <param name="Missing">Columns of the reference that the current table lacks, in order of the reference.</param>
/// <param name="Extra">Columns that only the current table has, in its order.</param>
/// <param name="Retyped">Columns whose type changed: name, type before, type now.</param>
/// <param name="Reordered">Whether the common columns come in another order: for information only.</param>
public sealed record SchemaChange(
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Extra,
    IReadOnlyList<(string Name, string Before, string Now)> Retyped,
    bool Reordered)
{
    /// <summary>Whether a column is missing, extra or of another type.</summary>
    public bool IsBreak => Missing.Count + Extra.Count + Retyped.Count > 0;

    /// <summary>Compares names (ordinally) and types.</summary>
    /// <exception cref="ArgumentException">A side names a column twice.</exception>
    public static SchemaChange Between(IReadOnlyList<(string Name, string Type)> reference, IReadOnlyList<(string Name, string Type)> current)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var before = reference.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
        var now = current.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
        return new(
            [.. reference.Select(column => column.Name).Where(name => !now.ContainsKey(name))],
            [.. current.Select(column => column.Name).Where(name => !before.ContainsKey(name))],
            [.. reference.Where(column => now.TryGetValue(column.Name, out var type) && !string.Equals(type, column.Type, StringComparison.Ordinal))
                .Select(column => (column.Name, column.Type, now[column.Name]))],
            !reference.Select(column => column.Name).Where(now.ContainsKey)
                .SequenceEqual(current.Select(column => column.Name).Where(before.ContainsKey), StringComparer.Ordinal));
    }
}
