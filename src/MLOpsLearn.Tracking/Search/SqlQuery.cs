using System.Globalization;
using System.Text;
using MLOpsLearn.MLflow.Search;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Search;

/// <summary>A statement being put together: our own words, and values as parameters.</summary>
internal sealed class SqlQuery(SqlDialect dialect)
{
    private readonly List<object?> _values = [];

    public SqlDialect Dialect => dialect;

    public StringBuilder Text { get; } = new();

    /// <summary>The numbers of the metrics that the search names; our own, and so part of the statement: PostgreSQL plans by them.</summary>
    public IReadOnlyDictionary<string, long> MetricIds { get; init; } = new Dictionary<string, long>();

    /// <summary>Whether the filter may have what the original's has not: lists also for params, tags and every text attribute.</summary>
    public bool IsExtended { get; init; }

    /// <summary>A clause that few runs fulfil: a search begins with those runs instead of looking at one after the other; null when there is none.</summary>
    public FilterNode.Clause? Narrow { get; init; }

    /// <summary>Whether the runs that are searched are few, of many in the database: their values are looked up, not the runs of the values.</summary>
    public bool IsSmall { get; init; }

    /// <summary>The number of a metric, as SQL; one that no metric has when nothing was ever logged under the name.</summary>
    public string MetricId(string name) => MetricIds.GetValueOrDefault(name, -1).ToString(CultureInfo.InvariantCulture);

    public object?[] Values => [.. _values];

    /// <summary>An empty statement of the same search.</summary>
    public SqlQuery Another() => new(dialect) { MetricIds = MetricIds, IsExtended = IsExtended, Narrow = Narrow, IsSmall = IsSmall };

    /// <summary>Adds a value; gives the name of its parameter.</summary>
    public string Add(object? value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"@p{_values.Count - 1}");
    }
}
