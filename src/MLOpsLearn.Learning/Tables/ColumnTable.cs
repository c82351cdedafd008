namespace MLOpsLearn.Learning.Tables;

/// <summary>Rows as named columns of one length.</summary>
public sealed class ColumnTable
{
    private readonly Dictionary<string, TableColumn> _byName;

    /// <exception cref="ArgumentException">Columns differ in length, or a name comes twice.</exception>
    public ColumnTable(IReadOnlyList<TableColumn> columns)
    {
        Columns = columns;
        Rows = columns.Count == 0 ? 0 : columns[0].Rows;
        _byName = new Dictionary<string, TableColumn>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (column.Rows != Rows)
            {
                throw new ArgumentException($"Column '{column.Name}' has {column.Rows} rows, '{columns[0].Name}' has {Rows}.", nameof(columns));
            }

            if (!_byName.TryAdd(column.Name, column))
            {
                throw new ArgumentException($"Column '{column.Name}' comes twice.", nameof(columns));
            }
        }
    }

    /// <summary>Columns in order.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>The column of a name; null when there is none.</summary>
    public TableColumn? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The numbers of a column.</summary>
    /// <exception cref="ArgumentException">There is no numeric column of the name.</exception>
    public ReadOnlyMemory<double> Numbers(string name) => Find(name) is TableColumn.Numeric numeric
        ? numeric.Values
        : throw new ArgumentException($"There is no numeric column '{name}'.", nameof(name));

    /// <summary>Rows [<paramref name="start"/>, <paramref name="start"/> + <paramref name="count"/>), without a copy.</summary>
    public ColumnTable Slice(int start, int count) => new([.. Columns.Select(column => column.Slice(start, count))]);
}
