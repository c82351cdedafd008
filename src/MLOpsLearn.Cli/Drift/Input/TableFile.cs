using System.Globalization;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;

namespace MLOpsLearn.Cli.Drift.Input;

/// <summary>A parquet or csv file as one table in a DuckDB of its own, which may open that file and nothing else.</summary>
internal sealed partial class TableFile : IDisposable
{
    // A csv is held as a table, so that its text is parsed once; what does not fit goes to the scratch folder.
    private const string MemoryLimit = "400MB";
    private readonly DuckDBConnection _connection = new("Data Source=:memory:");
    private readonly InputFile _input;
    private readonly CancellationToken _cancellationToken;

    private TableFile(InputFile input, CancellationToken cancellationToken) => (_input, _cancellationToken) = (input, cancellationToken);

    public string Path => _input.Path;

    /// <summary>Said to the user about how the file was read; null when there is nothing to say.</summary>
    public string? Note => _input.Csv?.Note;

    public int Rows { get; private set; }

    /// <summary>Columns in file order, by name.</summary>
    public IReadOnlyDictionary<string, TableColumn> Columns { get; private set; } = new Dictionary<string, TableColumn>();

    /// <param name="path">The user's file.</param>
    /// <param name="scratch">Folder for what does not fit in memory; another one for each file.</param>
    /// <param name="cancellationToken">Ends any query on the table.</param>
    /// <exception cref="CommandException">The file is missing, empty, broken, or not what its name says.</exception>
    public static TableFile Open(string path, string scratch, CancellationToken cancellationToken)
    {
        var file = new TableFile(InputFile.Open(path, scratch, cancellationToken), cancellationToken);
        try
        {
            file.Prepare(scratch);
            var rows = Convert.ToInt64(file.Read("SELECT count(*) FROM input", static reader => reader.GetValue(0)).Single(), CultureInfo.InvariantCulture);
            file.Rows = rows switch
            {
                0 => throw new CommandException($"'{path}' has no rows."),
                > int.MaxValue / 2 => throw new CommandException($"'{path}' has {rows} rows; at most {int.MaxValue / 2} can be compared."),
                _ => (int)rows,
            };
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _connection.Dispose();

    public List<T> Read<T>(string sql, Func<DuckDBDataReader, T> row)
    {
        var rows = new List<T>();
        Each(sql, reader => rows.Add(row(reader)));
        return rows;
    }

    /// <summary>Rows in the order of the file.</summary>
    /// <exception cref="CommandException">The file turned out to be broken; the message names the file.</exception>
    public void Each(string sql, Action<DuckDBDataReader> row)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            using var stop = _cancellationToken.Register(command.Cancel);
            using var reader = (DuckDBDataReader)command.ExecuteReader();
            while (reader.Read())
            {
                row(reader);
            }
        }
        catch (DuckDBException exception)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            throw new CommandException($"'{Path}' can't be read: {Short(exception.Message)}");
        }

        _cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A name as SQL.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text as SQL.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private void Prepare(string scratch)
    {
        _connection.Open();

        // The reader takes brackets, stars and question marks in a path for a pattern, and would open another file.
        // Two files are read at the same time, so each gets half of the processors.
        var threads = Math.Max(1, Environment.ProcessorCount / 2);
        var source = Literal(PatternLetters().Replace(_input.Allowed, "[$0]"));
        foreach (var sql in (string[])[
            "SET TimeZone='UTC'", $"SET threads={threads}", $"SET memory_limit='{MemoryLimit}'", $"SET temp_directory={Literal(scratch)}",
            $"SET allowed_paths=[{Literal(_input.Allowed)}, {source}]", "SET enable_external_access=false", "SET lock_configuration=true"])
        {
            Each(sql, static _ => { });
        }

        if (_input.Csv is { } csv)
        {
            var columns = csv.Columns.Select(TableColumn.OfCsv).ToList();
            var types = string.Join(", ", columns.Select(column => $"'{column.Sql}': 'VARCHAR'"));
            Each(
                $$"""
                CREATE TABLE input AS SELECT * FROM read_csv({{source}}, columns={{{types}}}, auto_detect=false, header=true, delim={{Literal(csv.Delimiter.ToString())}},
                    quote='"', escape='"', allow_quoted_nulls=false, hive_partitioning=false, compression='none')
                """,
                static _ => { });
            Columns = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
            return;
        }

        Each($"CREATE VIEW input AS SELECT * FROM read_parquet({source}, hive_partitioning=false)", static _ => { });
        Columns = Read("DESCRIBE input", static reader => TableColumn.OfType(reader.GetString(0), reader.GetString(1)))
            .ToDictionary(column => column.Name, StringComparer.Ordinal);
    }

    // The first sentence says what is wrong; what follows are hints for writers of SQL.
    private static string Short(string message)
    {
        var text = message.Split("\n\n")[0].Split("Possible ")[0].ReplaceLineEndings(" ").Trim();
        return text.Length > 300 ? text[..300] + "…" : text;
    }

    [GeneratedRegex(@"[\[*?]")]
    private static partial Regex PatternLetters();
}
