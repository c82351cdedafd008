namespace MLOpsLearn.Statistics.DataQuality;

/// <summary>Duplicates and gaps over whole rows; null equals null.</summary>
/// <param name="Rows">All rows.</param>
/// <param name="DistinctRows">Rows that differ.</param>
/// <param name="RowsInDuplicateGroups">Rows that have at least one equal.</param>
/// <param name="RowsWithNull">Rows with any null.</param>
/// <param name="CellNullShare">Null cells / cells; null without cells.</param>
public sealed record RowSummary(long Rows, long DistinctRows, long RowsInDuplicateGroups, long RowsWithNull, double? CellNullShare)
{
    /// <summary>Rows beyond the first of each group of equal ones.</summary>
    public long DuplicateRows => Rows - DistinctRows;

    /// <summary>Summarises rows of cells; cells are equal when <see cref="object.Equals(object?)"/> says so.</summary>
    public static RowSummary Of(IEnumerable<IReadOnlyList<object?>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var groups = new Dictionary<IReadOnlyList<object?>, long>(new CellsEqual());
        long count = 0, withNull = 0, cells = 0, nullCells = 0;
        foreach (var row in rows)
        {
            var nulls = row.Count(cell => cell is null);
            count++;
            withNull += nulls > 0 ? 1 : 0;
            nullCells += nulls;
            cells += row.Count;
            groups[row] = groups.GetValueOrDefault(row) + 1;
        }

        return new(
            count, groups.Count, groups.Values.Where(size => size > 1).Sum(), withNull, cells == 0 ? null : (double)nullCells / cells);
    }

    /// <summary>Rows beyond the first of each key; rows with a null in the key have no key and are left out.</summary>
    /// <param name="keys">The declared key of each row.</param>
    public static long DuplicateKeys(IEnumerable<IReadOnlyList<object?>> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var seen = new HashSet<IReadOnlyList<object?>>(new CellsEqual());
        return keys.Where(key => key.All(cell => cell is not null)).Count(key => !seen.Add(key));
    }

    private sealed class CellsEqual : IEqualityComparer<IReadOnlyList<object?>>
    {
        public bool Equals(IReadOnlyList<object?>? x, IReadOnlyList<object?>? y) =>
            x is not null && y is not null && x.SequenceEqual(y);

        public int GetHashCode(IReadOnlyList<object?> row)
        {
            var hash = default(HashCode);
            foreach (var cell in row)
            {
                hash.Add(cell);
            }

            return hash.ToHashCode();
        }
    }
}
