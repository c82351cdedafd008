using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using MLOpsLearn.Training.Worker.Inputs;

namespace MLOpsLearn.Training.Worker.Tables;

/// <summary>
/// A DuckDB that can read the job's own input files and nothing else: no other file, no network, no extension, no change of these settings.
/// The user's SQL runs only here.
/// </summary>
internal sealed class Sandbox : IDisposable
{
    /// <summary>The table that the user's SQL, or the plain input, ends in.</summary>
    public const string Prepared = "prepared";

    private readonly DuckDBConnection _connection;
    private readonly IReadOnlyList<InputFile> _files;
    private readonly bool _isCsv;

    /// <exception cref="WorkFault">A file can't be read.</exception>
    public Sandbox(IReadOnlyList<InputFile> files, bool isCsv, string folder, long memoryLimitBytes)
    {
        (_files, _isCsv) = (files, isCsv);
        _connection = new DuckDBConnection("DataSource=:memory:");
        _connection.Open();
        var spill = Path.Combine(folder, "spill");
        Directory.CreateDirectory(spill);
        Execute(string.Create(CultureInfo.InvariantCulture, $"SET memory_limit='{memoryLimitBytes / 1024 / 1024}MiB'"));
        Execute(string.Create(CultureInfo.InvariantCulture, $"SET threads={Environment.ProcessorCount}"));
        Execute($"SET temp_directory={Quote(spill)}");
        Execute("SET TimeZone='UTC'");
        Execute("SET autoinstall_known_extensions=false");
        Execute("SET autoload_known_extensions=false");
        Execute($"SET allowed_paths=[{string.Join(", ", files.Select(file => Quote(file.Path)))}]");
        Execute("SET enable_external_access=false");
        Execute("SET lock_configuration=true");
    }

    /// <summary>Makes the view "input" over the files, by column name. Each file is opened alone first, so that a fault names its file.</summary>
    /// <exception cref="WorkFault">A file is not what it should be; the message names it.</exception>
    public void OpenInput()
    {
        foreach (var file in _files)
        {
            try
            {
                Execute($"DESCRIBE SELECT * FROM {Reader([file])}");
            }
            catch (DuckDBException exception)
            {
                throw new WorkFault($"Input '{file.Uri}' can't be read as {(_isCsv ? "csv" : "parquet")}: {Explain(exception)}", isRetryable: false, exception);
            }
        }

        try
        {
            Execute($"CREATE VIEW input AS SELECT * FROM {Reader(_files)}");
        }
        catch (DuckDBException exception)
        {
            throw new WorkFault($"The inputs can't be read together: {Explain(exception)}", isRetryable: false, exception);
        }
    }

    /// <summary>Runs the specification's SQL, or takes the input as it is, into the table <see cref="Prepared"/>.</summary>
    /// <exception cref="WorkFault">The SQL is not one SELECT, fails, or reaches for what it may not.</exception>
    public void Prepare(string? sql)
    {
        if (sql is not null)
        {
            RequireOneSelect(sql);
        }

        try
        {
            Execute($"CREATE TEMP TABLE {Prepared} AS {sql ?? "SELECT * FROM input"}");
        }
        catch (DuckDBException exception)
        {
            throw sql is null
                ? new WorkFault($"The rows of {Names()} can't be read: {Explain(exception)}", isRetryable: false, exception)
                : new WorkFault($"dataset.prepare failed on {Names()}: {Explain(exception)}", isRetryable: false, exception);
        }
    }

    /// <summary>Runs SQL of our own and reads all of its rows.</summary>
    public DuckDBDataReader Read(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteReader();
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>A text as a DuckDB literal.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>A name as a DuckDB identifier.</summary>
    public static string Name(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    /// <summary>DuckDB's own parser says what the text is: it turns SELECTs into JSON and refuses all else.</summary>
    private void RequireOneSelect(string sql)
    {
        string? json;
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = $"SELECT json_serialize_sql({Quote(sql)})";
            json = (string?)command.ExecuteScalar();
        }
        catch (DuckDBException exception)
        {
            throw new WorkFault($"dataset.prepare is not SQL: {Explain(exception)}", isRetryable: false, exception);
        }

        using var parsed = JsonDocument.Parse(json ?? "{}");
        var root = parsed.RootElement;
        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.True)
        {
            var message = root.TryGetProperty("error_message", out var text) ? text.GetString() : "";
            throw new WorkFault($"dataset.prepare must be one SELECT: {OneLine(message ?? "")}");
        }

        if (!root.TryGetProperty("statements", out var statements) || statements.GetArrayLength() != 1)
        {
            throw new WorkFault("dataset.prepare must be one SELECT, and only one.");
        }
    }

    private string Names() => _files.Count == 1 ? $"'{_files[0].Uri}'" : $"{_files.Count} files";

    private string Explain(DuckDBException exception)
    {
        var message = exception.Message;
        foreach (var file in _files)
        {
            message = message.Replace(file.Path, file.Uri, StringComparison.Ordinal);
        }

        return OneLine(message);
    }

    private static string OneLine(string message)
    {
        const int mostCharacters = 600;
        // Below the first blank line DuckDB quotes the statement.
        var end = message.IndexOf("\n\n", StringComparison.Ordinal);
        var line = string.Join(' ', (end < 0 ? message : message[..end]).Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.Length <= mostCharacters ? line : line[..mostCharacters];
    }

    private string Reader(IReadOnlyList<InputFile> files)
    {
        var paths = $"[{string.Join(", ", files.Select(file => Quote(file.Path)))}]";
        return _isCsv ? $"read_csv({paths}, union_by_name=true)" : $"read_parquet({paths}, union_by_name=true)";
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
