namespace MLOpsLearn.Cli.Trips;

/// <summary>
/// The one text that turns monthly files into trips, given to the pipeline and used by the replay alike, so that both see the same rows. It
/// takes the three forms of the city's files: numbers of any width, and moments as timestamps or as text.
/// </summary>
internal static class TripSql
{
    /// <summary>Columns that a file must have.</summary>
    public static readonly string[] RequiredColumns = ["lpep_pickup_datetime", "lpep_dropoff_datetime", "PULocationID", "DOLocationID", "trip_distance"];

    /// <summary>A SELECT over the view "input": trips of 1 to 60 minutes that began in the file's own month, in order of time.</summary>
    public const string Prepare = """
        WITH trips AS (
          SELECT
            CAST(lpep_pickup_datetime AS TIMESTAMP) AS pickup,
            CAST(lpep_dropoff_datetime AS TIMESTAMP) AS dropoff,
            CAST(PULocationID AS BIGINT) AS PULocationID,
            CAST(DOLocationID AS BIGINT) AS DOLocationID,
            CAST(trip_distance AS DOUBLE) AS trip_distance
          FROM input
        ), own_month AS (
          SELECT mode(date_trunc('month', pickup)) AS month FROM trips
        )
        SELECT
          pickup AS event_time,
          CAST(PULocationID AS VARCHAR) AS PULocationID,
          CAST(DOLocationID AS VARCHAR) AS DOLocationID,
          trip_distance,
          CAST(hour(pickup) AS VARCHAR) AS hour,
          CAST(isodow(pickup) - 1 AS VARCHAR) AS weekday,
          epoch(dropoff - pickup) / 60.0 AS duration
        FROM trips, own_month
        WHERE date_trunc('month', pickup) = own_month.month AND epoch(dropoff - pickup) BETWEEN 60 AND 3600
        ORDER BY pickup, dropoff, PULocationID, DOLocationID, trip_distance
        """;
}
