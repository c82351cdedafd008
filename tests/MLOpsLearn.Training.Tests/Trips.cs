using DuckDB.NET.Data;
using MLOpsLearn.Training.Worker.Tables;

namespace MLOpsLearn.Training.Tests;

/// <summary>Made-up trips whose duration follows from distance and zone, and specifications that learn it.</summary>
internal static class Trips
{
    /// <param name="query">What comes instead of the usual trips; reads the table "trips".</param>
    /// <param name="rows">Rows.</param>
    /// <param name="from">Event time of the first; one follows each minute.</param>
    /// <param name="format">"parquet" or "csv".</param>
    public static byte[] File(string query = "SELECT * FROM trips", int rows = 2000, string from = "2024-01-01", string format = "parquet")
    {
        var path = Path.Combine(Path.GetTempPath(), $"trips-{Guid.CreateVersion7():N}.{format}");
        try
        {
            using var connection = new DuckDBConnection("DataSource=:memory:");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                CREATE TABLE trips AS SELECT
                  TIMESTAMP '{from}' + to_minutes(i) AS event_time,
                  'z' || (i * 7919 % 13) AS zone,
                  (i * 104729 % 997) / 50.0 AS distance,
                  3 + 2 * ((i * 104729 % 997) / 50.0) + (i * 7919 % 13) * 0.5 + ((i * 15485863) % 101) / 100.0 AS duration
                FROM range({rows}) AS numbers(i);
                COPY ({query}) TO {Sandbox.Quote(path)} (FORMAT {format});
                """;
            command.ExecuteNonQuery();
            return System.IO.File.ReadAllBytes(path);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    public static string Yaml(
        string? prepare = "SELECT event_time, zone, distance, duration FROM input",
        string trainer = "{ kind: lightgbm, iterations: 20, leaves: 7 }",
        string target = "{ name: duration, min: 1, max: 60 }",
        string format = "parquet",
        string extra = "",
        string name = "trips") => $$"""
        name: {{name}}
        model: trip-duration
        dataset:
          name: made-up-trips
          format: {{format}}
          {{(prepare is null ? "" : $"prepare: {Quoted(prepare)}")}}
        features:
          - { name: zone, kind: categorical }
          - { name: distance, kind: numeric, clip: [0, 50] }
        target: {{target}}
        trainer: {{trainer}}
        {{extra}}
        """;

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
