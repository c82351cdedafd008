using System.Globalization;
using DuckDB.NET.Data;

namespace MLOpsLearn.SystemTests;

/// <summary>Three small made-up months; from the second on, trips go elsewhere and take longer.</summary>
internal static class SmallMonths
{
    public const int Rows = 4000;

    public static void Write(string folder)
    {
        for (var month = 1; month <= 3; month++)
        {
            using var connection = new DuckDBConnection("Data Source=:memory:");
            connection.Open();
            using var command = connection.CreateCommand();
            var (zones, perMile, first) = month == 1 ? (20, 4, 1) : (35, 7, 15);
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
                COPY (
                  WITH drawn AS (SELECT i, hash(i * 31 + {month}) AS a, hash(i * 17 + {month} + 5) AS b, hash(i * 13 + {month} + 9) AS c FROM range({Rows}) t(i)),
                  rides AS (SELECT TIMESTAMP '2024-{month:00}-01' + to_seconds(CAST(i * 600 AS BIGINT)) AS pickup, {first} + a % {zones} AS pu, 1 + b % 20 AS "do", 0.5 + (c % 700) / 100.0 AS miles,
                    (a // 1000) % 200 / 100.0 AS noise FROM drawn)
                  SELECT CAST(pickup AS TIMESTAMP) AS lpep_pickup_datetime, CAST(pickup + to_seconds(CAST((3 + {perMile} * miles + noise) * 60 AS BIGINT)) AS TIMESTAMP) AS lpep_dropoff_datetime,
                    CAST(pu AS BIGINT) AS "PULocationID", CAST("do" AS BIGINT) AS "DOLocationID", CAST(miles AS DOUBLE) AS trip_distance FROM rides ORDER BY pickup)
                TO '{Path.Combine(folder, $"green_tripdata_2024-{month:00}.parquet")}' (FORMAT parquet)
                """);
            command.ExecuteNonQuery();
        }
    }
}
