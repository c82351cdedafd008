using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using MLOpsLearn.Contracts.Tracking.V1;
using MLOpsLearn.Tracking.Data;

namespace MLOpsLearn.Tracking.Search;

/// <summary>What a run has of one key of an order: the rank of its kind of value, and the value where those of the rank have one.</summary>
internal readonly record struct OrderValue(int Rank, object? Value);

/// <summary>
/// One key of an order of runs, as SQL on the table alias r. Runs come by the rank of their value first: present ones, NaN, missing ones, in both
/// directions. States are few, so each is a rank of its own.
/// </summary>
internal sealed class OrderKey(RunEntity entity, string name, bool isAscending, bool isOfOneExperiment)
{
    private const int Present = 0;
    private const int NotANumber = 1;
    public const int Missing = 2;

    private static readonly RunStatus[] States =
        [.. Enum.GetValues<RunStatus>().Where(state => state != RunStatus.Unspecified).OrderBy(state => state.ToString().ToUpperInvariant(), StringComparer.Ordinal)];

    /// <summary>What a page token is bound to.</summary>
    public string Description => $"{entity} {name} {Direction}";

    /// <summary>Whether an index has the order; that of most attributes begins with the experiment.</summary>
    public bool IsIndexed => Table is not null || name is "start_time" or "run_id" || (isOfOneExperiment && name != "artifact_uri");

    /// <summary>Where the values are when they are not the run's own.</summary>
    public string? Table => entity == RunEntity.Attribute ? null : RunFilter.TableOf(entity);

    public IReadOnlyList<int> Ranks => IsState ? [.. Enumerable.Range(0, States.Length)]
        : entity == RunEntity.Metric ? [Present, NotANumber, Missing]
        : Table is not null || IsEnd ? [Present, Missing]
        : [Present];

    private string Direction => isAscending ? "ASC" : "DESC";

    private string Sign => isAscending ? ">" : "<";

    private bool IsState => Table is null && name == "status";

    private bool IsEnd => Table is null && name == "end_time";

    private bool IsNumber => Table is null && name is "start_time" or "end_time";

    private bool IsText => entity is RunEntity.Param or RunEntity.Tag || (Table is null && !IsNumber && !IsState);

    // An index takes no text of any length; an id has its own.
    private bool IsIndexedByBeginning => IsText && (Table is not null || name != "run_id");

    public bool HasValues(int rank) => rank == Present && !IsState;

    /// <summary>Whether runs that the index has at one place have one value: of long texts it has the beginning only.</summary>
    public bool IsWhole(OrderValue value) => !IsIndexedByBeginning || value.Value is not string text || SqlDialect.IsWholeBeginning(text);

    /// <summary>What an index has of a value.</summary>
    public object IndexValueOf(object value) => IsIndexedByBeginning ? SqlDialect.BeginningOf((string)value) : value;

    /// <summary>The value, as it is stored.</summary>
    /// <param name="alias">The row of <see cref="Table"/>.</param>
    public string Column(string alias) => Table is not null ? $"{alias}.value" : IsState ? "0" : IsNumber ? (IsEnd ? "r.end_ms" : "r.start_ms") : RunField.Expression(name);

    public object Read(DbDataReader row, int column) => IsText ? row.GetString(column) : IsNumber ? (object)row.GetInt64(column) : row.GetDouble(column);

    /// <summary>What a page token has of this key.</summary>
    /// <exception cref="FormatException">No run has such a value.</exception>
    /// <exception cref="InvalidOperationException">The same.</exception>
    public OrderValue ValueOf(int rank, JsonElement value) => !Ranks.Contains(rank) ? throw new FormatException("There is no such rank.")
        : new OrderValue(rank, !HasValues(rank) ? null : IsText ? OrderPlace.TextOf(value) : IsNumber ? (object)value.GetInt64() : OrderPlace.NumberOf(value));

    public string Rank(string alias) => IsState
            ? $"CASE r.status {string.Join(' ', Ranks.Select(rank => $"WHEN {StateOf(rank)} THEN {rank}"))} END"
        : IsEnd ? $"CASE WHEN r.end_ms IS NULL THEN {Missing} ELSE {Present} END"
        : entity == RunEntity.Metric ? $"CASE WHEN {alias}.run_key IS NULL THEN {Missing} WHEN {alias}.is_nan THEN {NotANumber} ELSE {Present} END"
        : Table is not null ? $"CASE WHEN {alias}.run_key IS NULL THEN {Missing} ELSE {Present} END"
        : $"{Present}";

    /// <summary>Joins the rows of values to the runs, where runs have one.</summary>
    public string Join(SqlQuery query, string alias) => Table is null ? "" : $" LEFT JOIN {Table} AS {alias} ON {alias}.run_key = r.run_key AND {Own(query, alias)}";

    /// <summary>Sorts by rank and value: no index is followed, which would meet the few runs that are left among all there are.</summary>
    public string Terms(SqlQuery query, string alias) => IsState ? Rank(alias)
        : $"{(Ranks.Count > 1 ? $"{Rank(alias)}, " : "")}{(IsText ? $"({Column(alias)} || '') {query.Dialect.ByCode}" : $"{Column(alias)} + 0")} {Direction}";

    /// <summary>The condition that a run comes after a place that this key has a part in; <paramref name="rest"/> decides between equal values.</summary>
    public string After(SqlQuery query, string alias, OrderValue place, string rest)
    {
        var (isRank, isLaterRank) = Ranks.Count == 1 ? ("", "") : ($"({Rank(alias)}) = {place.Rank} AND ", $"({Rank(alias)}) > {place.Rank} OR ");
        if (!HasValues(place.Rank))
        {
            return $"({isLaterRank}({isRank}{rest}))";
        }

        var (column, value) = ($"({Column(alias)}{(IsText ? $" {query.Dialect.ByCode}" : "")})", query.Add(place.Value));
        return $"({isLaterRank}({isRank}({column} {Sign} {value} OR ({column} = {value} AND {rest}))))";
    }

    /// <summary>What follows FROM so that the present values come in the order of the index, as the alias o.</summary>
    public string OrderedSource(SqlQuery query) => Table is null ? name == "run_id" ? query.Dialect.Along("runs AS r", "IX_runs_run_id") : "runs AS r" : $"{Table} AS o {query.Dialect.JoinInOrder} runs AS r ON r.run_key = o.run_key";

    /// <summary>The condition that <see cref="OrderedSource"/> has only present values of this key, after one, if it is given.</summary>
    public string OrderedCondition(SqlQuery query, object? after) =>
        (Table is not null ? $"{Own(query, "o")}{(entity == RunEntity.Metric ? " AND NOT o.is_nan" : "")}" : IsEnd ? "r.end_ms IS NOT NULL" : "1 = 1")
        + (after is null ? "" : $" AND {Indexed(query, "o")} {Sign} {query.Add(IndexValueOf(after))}");

    public string OrderedTerms(SqlQuery query) => $"{Indexed(query, "o")} {Direction}";

    /// <summary>The condition that a run has this value, which no index is to answer: another one gives the order.</summary>
    public string Holds(SqlQuery query, OrderValue value)
    {
        if (Table is null)
        {
            return OfAttribute(query, value, query.Dialect.Unindexed);
        }

        var own = $"SELECT 1 FROM {Table} AS t WHERE t.run_key = r.run_key AND {Own(query, "t")}";
        return value.Rank switch
        {
            Missing => $"NOT EXISTS ({own})",
            NotANumber => $"EXISTS ({own} AND t.is_nan)",
            // A row that is looked up by its run must not be looked for by its value.
            _ => $"EXISTS ({own}{NoNan("t")} AND t.value = {query.Add(value.Value)})",
        };
    }

    /// <summary>The condition that the index of this key has a run at the place of a value, on the alias o where the values have a table of their own.</summary>
    public string HoldsIndexed(SqlQuery query, OrderValue value) => Table is null ? OfAttribute(query, value, column => column)
        // NaN is stored as 0 with a mark.
        : value.Rank == NotANumber ? $"{Own(query, "o")} AND o.value = 0 AND o.is_nan"
        : $"{Own(query, "o")} AND {HasBeginning(query, "o", value)}{NoNan("o")}";

    /// <summary>The condition that a value is where the index has this one: of a long text it has the beginning only.</summary>
    public string HasBeginning(SqlQuery query, string alias, OrderValue value) => $"{Indexed(query, alias)} = {query.Add(IndexValueOf(value.Value!))}";

    /// <summary>What the order within one value of this key begins with: PostgreSQL does not see that a column which is null is a constant.</summary>
    public string ConstantTerm(OrderValue value) => IsEnd && value.Rank == Missing ? "r.end_ms, " : "";

    private string OfAttribute(SqlQuery query, OrderValue value, Func<string, string> left) => IsState ? $"{left("r.status")} = {StateOf(value.Rank)}"
        : value.Rank == Missing ? $"{left("r.end_ms")} IS NULL"
        : $"{left(Indexed(query, ""))} = {query.Add(IndexValueOf(value.Value!))}";

    private string StateOf(int rank) => ((int)States[isAscending ? rank : States.Length - 1 - rank]).ToString(CultureInfo.InvariantCulture);

    private string NoNan(string alias) => entity == RunEntity.Metric ? $" AND NOT {alias}.is_nan" : "";

    private string Indexed(SqlQuery query, string alias) => IsIndexedByBeginning ? query.Dialect.Beginning(Column(alias)) : Column(alias);

    private string Own(SqlQuery query, string alias) => entity == RunEntity.Metric ? $"{alias}.key_id = {query.MetricId(name)}" : $"{alias}.name = {query.Add(name)}";
}
