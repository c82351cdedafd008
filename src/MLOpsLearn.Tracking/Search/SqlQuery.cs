using System.Globalization;
using System.Text;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Search;

/// <summary>A statement being put together: our own words, and values as parameters.</summary>
internal sealed class SqlQuery(SqlDialect dialect)
{
    private readonly List<object?> _values = [];

    public SqlDialect Dialect => dialect;

    public StringBuilder Text { get; } = new();

    public object?[] Values => [.. _values];

    /// <summary>Adds a value; gives the name of its parameter.</summary>
    public string Add(object? value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"@p{_values.Count - 1}");
    }
}
