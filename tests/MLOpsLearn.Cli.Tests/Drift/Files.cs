using System.Text;
using DuckDB.NET.Data;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>A folder of small files that goes away with the test.</summary>
internal sealed class Files : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-drift-tests-");

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string Text(string name, string text, Encoding? encoding = null)
    {
        File.WriteAllText(Path(name), text, encoding ?? new UTF8Encoding(false));
        return Path(name);
    }

    public string Bytes(string name, byte[] bytes)
    {
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    /// <summary>A parquet file of what a query gives.</summary>
    public string Parquet(string name, string query, string options = "") => Copy(name, query, $"FORMAT parquet{options}");

    /// <summary>A csv file of what a query gives.</summary>
    public string Csv(string name, string query, string options = "") => Copy(name, query, $"FORMAT csv, HEADER{options}");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Copy(string name, string query, string options)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({query}) TO '{Path(name)}' ({options})";
        command.ExecuteNonQuery();
        return Path(name);
    }
}
