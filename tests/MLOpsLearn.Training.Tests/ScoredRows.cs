using DuckDB.NET.Data;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Tests;

/// <summary>A scored-rows file as a second reader sees it.</summary>
internal sealed record ScoredRows(
    IReadOnlyList<string> Columns, long Count, long WithChampion, string ChampionVersion, string Format, DateTime FirstTime, string FirstId)
{
    public static ScoredRows Read(byte[] content)
    {
        var path = Path.Combine(Path.GetTempPath(), $"scored-{Guid.CreateVersion7():N}.parquet");
        File.WriteAllBytes(path, content);
        try
        {
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            var file = Sandbox.Quote(path);
            var columns = Rows(connection, $"SELECT column_name FROM (DESCRIBE SELECT * FROM {file})", reader => reader.GetString(0));
            var metadata = Rows(connection, $"SELECT decode(key), decode(value) FROM parquet_kv_metadata({file})", reader => (reader.GetString(0), reader.GetString(1)))
                .ToDictionary(entry => entry.Item1, entry => entry.Item2);
            var (count, champions) = Rows(connection, $"SELECT count(*), count(champion) FROM {file}", reader => (reader.GetInt64(0), reader.GetInt64(1)))[0];
            var (time, id) = Rows(connection, $"SELECT event_time, prediction_id FROM {file} LIMIT 1", reader => (reader.GetDateTime(0), reader.GetString(1)))[0];
            return new ScoredRows(columns, count, champions, metadata["champion_version"], metadata["format"], time, id);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static List<T> Rows<T>(DuckDBConnection connection, string sql, Func<DuckDBDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
