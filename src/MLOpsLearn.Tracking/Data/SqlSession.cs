using System.Data;
using System.Data.Common;
using System.Globalization;

namespace MLOpsLearn.Tracking.Data;

/// <summary>
/// One connection with its prepared statements, for the paths that are too hot for the context. Values are parameters @p0, @p1 …; nothing
/// that a client sends is ever part of a statement.
/// </summary>
internal sealed class SqlSession(DbConnection connection, SqlDialect dialect) : IAsyncDisposable
{
    // Searches make new statements without end; the others are some dozens.
    private const int MostPrepared = 400;

    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private readonly List<(string Sql, object?[] Values)> _deferred = [];
    private readonly List<Action> _afterCommit = [];
    private string? _lastSql;
    private DbCommand? _lastCommand;

    public SqlDialect Dialect => dialect;

    /// <summary>Whether something was written since this was last set to false.</summary>
    public bool HasWritten { get; set; }

    /// <summary>Whether it is not to be used again.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether its connection broke: every statement on it would fail, and not by its own fault.</summary>
    public bool IsLost => connection.State != ConnectionState.Open;

    /// <summary>Runs a statement that changes rows; says how many.</summary>
    public async ValueTask<int> ExecuteAsync(string sql, params object?[] values)
    {
        int changed;
        if (_deferred.Count > 0)
        {
            await using var batch = TakeDeferred(sql, values);
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
            changed = batch.BatchCommands[^1].RecordsAffected;
        }
        else
        {
            changed = await Bind(sql, values).ExecuteNonQueryAsync(CancellationToken.None);
        }

        HasWritten |= changed > 0;
        return changed;
    }

    /// <summary>
    /// Runs a statement that changes rows at the latest with the next one that somebody waits for, or with the commit. A server is then
    /// asked once for all of them; a fault of it shows there.
    /// </summary>
    public async ValueTask DeferAsync(string sql, params object?[] values)
    {
        HasWritten = true;
        if (dialect.HasRoundTrips)
        {
            _deferred.Add((sql, values));
            return;
        }

        await Bind(sql, values).ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>
    /// Makes PostgreSQL plan each of the statements that follow by its own values, or no longer: one plan for any values reads a million runs
    /// for a clause that ten fulfil. For searches only: planning costs more than what the other statements do.
    /// </summary>
    public ValueTask PlanByValuesAsync(bool isOn) =>
        dialect.HasRoundTrips ? DeferAsync(isOn ? "SET plan_cache_mode = force_custom_plan" : "SET plan_cache_mode = auto") : default;

    /// <summary>Every row of a query.</summary>
    public async ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] values)
    {
        var rows = new List<T>();
        await ForEachAsync(sql, row => rows.Add(map(row)), values);
        return rows;
    }

    /// <summary>Hands every row of a query to <paramref name="take"/>.</summary>
    public async ValueTask ForEachAsync(string sql, Action<DbDataReader> take, params object?[] values)
    {
        await using var batch = _deferred.Count > 0 ? TakeDeferred(sql, values) : null;
        await using var reader = batch is null
            ? await Bind(sql, values).ExecuteReaderAsync(CancellationToken.None) : await batch.ExecuteReaderAsync(CancellationToken.None);
        // SQLite answers at once in any case, and a state machine a row costs as much as the row.
        while (dialect is SqlDialect.Sqlite ? reader.Read() : await reader.ReadAsync(CancellationToken.None))
        {
            take(reader);
        }
    }

    /// <summary>The first row of a query, or the default.</summary>
    public async ValueTask<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] values)
    {
        await using var batch = _deferred.Count > 0 ? TakeDeferred(sql, values) : null;
        await using var reader = batch is null
            ? await Bind(sql, values).ExecuteReaderAsync(CancellationToken.None) : await batch.ExecuteReaderAsync(CancellationToken.None);
        return await reader.ReadAsync(CancellationToken.None) ? map(reader) : default;
    }

    /// <summary>A number that an inserting statement returns.</summary>
    public ValueTask<long> InsertAsync(string sql, params object?[] values)
    {
        HasWritten = true;
        return FirstAsync(sql, static row => row.GetInt64(0), values);
    }

    /// <summary>Begins a transaction that may write.</summary>
    public async ValueTask BeginAsync()
    {
        await DeferAsync(dialect.Begin);
        HasWritten = false;
    }

    /// <summary>Runs when the transaction is committed; forgotten when it is rolled back.</summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    public async ValueTask CommitAsync()
    {
        await ExecuteAsync("COMMIT");
        foreach (var action in _afterCommit)
        {
            action();
        }

        _afterCommit.Clear();
    }

    public async ValueTask RollBackAsync()
    {
        _afterCommit.Clear();
        _deferred.Clear();
        try
        {
            await Bind("ROLLBACK", []).ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbException || IsLost)
        {
            // The database did it by itself, as when its disk is full, or is gone.
            IsBroken = true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync();
        }

        await connection.DisposeAsync();
    }

    /// <summary>What was deferred, and a statement after it.</summary>
    private DbBatch TakeDeferred(string sql, object?[] values)
    {
        var batch = connection.CreateBatch();
        foreach (var (deferred, parameters) in _deferred)
        {
            Add(batch, deferred, parameters);
        }

        _deferred.Clear();
        Add(batch, sql, values);
        return batch;
    }

    private static void Add(DbBatch batch, string sql, object?[] values)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = NameOf(i);
            parameter.Value = values[i] ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    private static string NameOf(int parameter) => string.Create(CultureInfo.InvariantCulture, $"@p{parameter}");

    private DbCommand Bind(string sql, object?[] values)
    {
        // A batch is one statement over and over.
        var command = ReferenceEquals(sql, _lastSql) ? _lastCommand! : Prepare(sql, values.Length);
        (_lastSql, _lastCommand) = (sql, command);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    private DbCommand Prepare(string sql, int parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            if (_commands.Count >= MostPrepared)
            {
                foreach (var old in _commands.Values)
                {
                    old.Dispose();
                }

                _commands.Clear();
                _lastSql = null;
            }

            command = connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < parameters; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = NameOf(i);
                command.Parameters.Add(parameter);
            }

            _commands[sql] = command;
        }

        return command;
    }
}
