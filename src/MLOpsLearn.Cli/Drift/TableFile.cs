using System.Globalization;
using DuckDB.NET.Data;

namespace MLOpsLearn.Cli.Drift;

/// <summary>A parquet or csv file, opened so that DuckDB may read it and nothing else. Each reader opens its own, so columns can be read side by side.</summary>
internal sealed class TableFile : IDisposable
{
    private const int MostColumns = 2000;
    private readonly DuckDBConnection _connection = new("Data Source=:memory:");

    private TableFile(string path) => Path = path;

    public string Path { get; }

    public long Rows { get; private set; }

    /// <summary>Column names with their DuckDB types, in file order.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; private set; } = new Dictionary<string, string>();

    /// <exception cref="CommandException">The file is missing, empty, broken, or not what its name says.</exception>
    public static TableFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandException($"There is no file '{path}'.");
        }

        if (new FileInfo(path).Length == 0)
        {
            throw new CommandException($"'{path}' is empty.");
        }

        var file = new TableFile(path);
        try
        {
            file.Prepare();
            file.Columns = file.Describe();
            file.Rows = Convert.ToInt64(file.Read("SELECT count(*) FROM input", static reader => reader.GetValue(0)).Single(), CultureInfo.InvariantCulture);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        if (file.Columns.Count > MostColumns)
        {
            file.Dispose();
            throw new CommandException($"'{path}' has {file.Columns.Count} columns; at most {MostColumns} can be compared. Name some with --columns.");
        }

        return file;
    }

    /// <summary>A second handle on the same file, without looking at it again.</summary>
    public TableFile Again()
    {
        var file = new TableFile(Path) { Columns = Columns, Rows = Rows };
        file.Prepare();
        return file;
    }

    public void Dispose() => _connection.Dispose();

    public List<T> Read<T>(string sql, Func<DuckDBDataReader, T> row)
    {
        var rows = new List<T>();
        Each(sql, reader => rows.Add(row(reader)));
        return rows;
    }

    /// <exception cref="CommandException">The file turned out to be broken; the message names the file.</exception>
    public void Each(string sql, Action<DuckDBDataReader> row)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.UseStreamingMode = true;
            using var reader = (DuckDBDataReader)command.ExecuteReader();
            while (reader.Read())
            {
                row(reader);
            }
        }
        catch (DuckDBException exception)
        {
            throw new CommandException($"'{Path}' can't be read: {exception.Message.Split('\n')[0].Trim()}");
        }
    }

    /// <summary>A name as SQL.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text as SQL.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private void Prepare()
    {
        _connection.Open();
        var (name, path) = (System.IO.Path.GetFileName(Path).ToLowerInvariant(), Literal(Path));
        var source = name.EndsWith(".parquet", StringComparison.Ordinal) ? $"read_parquet({path})"
            : name.Contains(".csv", StringComparison.Ordinal) || name.Contains(".tsv", StringComparison.Ordinal)
                ? $"read_csv({path}, header=true, skip=0{Delimiter(Path)}, sample_size=-1, null_padding=false)"
                : throw new CommandException($"'{Path}' is neither .parquet nor .csv.");
        foreach (var sql in (string[])[
            $"SET allowed_paths=[{path}]", "SET enable_external_access=false", "SET lock_configuration=true", $"CREATE VIEW input AS SELECT * FROM {source}"])
        {
            Each(sql, static _ => { });
        }
    }

    // Left to guess, the reader takes a broken file for one with another delimiter and a single column, and finds nothing wrong.
    private static string Delimiter(string path)
    {
        if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return string.Empty;
        }

        var header = File.ReadLines(path).FirstOrDefault() ?? string.Empty;
        var best = ",;\t|".MaxBy(delimiter => header.Count(letter => letter == delimiter));
        return header.Contains(best, StringComparison.Ordinal) ? $", delim={Literal(best.ToString())}" : string.Empty;
    }

    private Dictionary<string, string> Describe()
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        Each("DESCRIBE input", reader => columns[reader.GetString(0)] = reader.GetString(1));
        return columns;
    }
}
