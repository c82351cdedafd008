using DuckDB.NET.Data;

namespace MLOpsLearn.Cli.Tests.Drift;

/// <summary>A folder of small files that goes away with the test.</summary>
internal sealed class Files : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-drift-");

    public string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    public string Text(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    /// <summary>A parquet file of what a query gives.</summary>
    public string Parquet(string name, string query)
    {
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"COPY ({query}) TO '{Path(name)}' (FORMAT parquet)";
        command.ExecuteNonQuery();
        return Path(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
